// The parts of the bench by name, in the order in which they run. Each makes its own stores and servers.

import type { BenchContext } from './bench-context.ts';
import { measureLargeSystem, type LargeSystemFigures } from './large-system.ts';
import { measureKilledWorker, type KilledWorkerFigures } from './part-killed-worker.ts';
import { measureLoad, type LoadFigures } from './part-load.ts';
import { measureMixed, type MixedFigures } from './part-mixed.ts';
import { measureOldAccounts, type OldAccountFigures } from './part-old-accounts.ts';
import { measurePreloaded, type PreloadedFigures } from './part-preloaded.ts';
import { measureSaturday, type SaturdayFigures } from './part-saturday.ts';
import { measureSettlement, type SettlementFigures } from './part-settlement.ts';
import { measureStart, type StartFigures } from './part-start.ts';

type BetFigures = StartFigures & LoadFigures & PreloadedFigures & OldAccountFigures;
export type PartFigures = BetFigures & SettlementFigures & MixedFigures & KilledWorkerFigures & SaturdayFigures & LargeSystemFigures;
export type PartName = 'start' | 'load' | 'preloaded' | 'old-account' | 'settlement' | 'mixed' | 'killed-worker' | 'saturday' | 'large-system';

export const parts: Readonly<Record<PartName, (context: BenchContext) => Promise<Partial<PartFigures>>>> = {
  start: measureStart,
  load: measureLoad,
  preloaded: measurePreloaded,
  'old-account': measureOldAccounts,
  settlement: measureSettlement,
  mixed: measureMixed,
  'killed-worker': measureKilledWorker,
  saturday: measureSaturday,
  'large-system': async () => measureLargeSystem(),
};

export const settlementParts: readonly PartName[] = ['settlement', 'mixed', 'killed-worker', 'saturday', 'large-system'];
/** What runs where nothing is asked for: the Saturday alone takes longer than all of them. */
export const usualParts: readonly PartName[] = ['start', 'load', 'preloaded', 'old-account', 'settlement'];
