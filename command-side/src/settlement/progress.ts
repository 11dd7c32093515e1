// What people ask of the settlement job: how much is left. Counting what waits takes a while, so it is no part of the status. Called by slot.ts and
// settlement.ts; it changes nothing.

import type { HeldMarket, SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';

export type WorkerProgress = {
  readonly indexedPosition: number;
  readonly settledThrough: number;
  /** As of the indexed position, of all slots. */
  readonly openBets: number;
  readonly judged: number;
  /** Bets of the slots held here that a result of theirs has not been told to yet. */
  readonly waiting: number;
  readonly settledPerSecond: number;
  readonly parkedCount: number;
  readonly heldMarkets: readonly HeldMarket[];
};

/** Results of one slot that are looked at. */
const triggersCountedMax = 1_000;

/** `reached`: of the first result after the checkpoint, bets placed up to here have been asked. */
export function waitingBets(index: SettlementIndex, slot: number, { checkpoint, reached }: { checkpoint: number; reached: number }): number {
  return index.triggers(slot, checkpoint, triggersCountedMax).reduce((sum, { position, marketId }, place) => {
    return sum + (marketId === null ? 1 : index.betCount(marketId, slot, { after: place === 0 ? reached : 0, before: position }));
  }, 0);
}
