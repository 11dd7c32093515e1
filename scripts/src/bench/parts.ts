// The parts of the bench by name, in the order in which they run. Each makes its own stores and servers.

import type { BenchContext } from './bench-context.ts';
import { measureLoad, type LoadFigures } from './part-load.ts';
import { measureOldAccounts, type OldAccountFigures } from './part-old-accounts.ts';
import { measurePreloaded, type PreloadedFigures } from './part-preloaded.ts';
import { measureSettlement, type SettlementFigures } from './part-settlement.ts';
import { measureStart, type StartFigures } from './part-start.ts';

export type PartFigures = StartFigures & LoadFigures & PreloadedFigures & OldAccountFigures & SettlementFigures;
export type PartName = 'start' | 'load' | 'preloaded' | 'old-account' | 'settlement';

export const parts: Readonly<Record<PartName, (context: BenchContext) => Promise<Partial<PartFigures>>>> = {
  start: measureStart,
  load: measureLoad,
  preloaded: measurePreloaded,
  'old-account': measureOldAccounts,
  settlement: measureSettlement,
};
