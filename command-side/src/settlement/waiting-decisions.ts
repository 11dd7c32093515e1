// What people have decided of markets and what was bet there, so that the market learns whether a second person has to approve. Called by index-log.ts and
// by the worker that reads the log. It lets nothing take effect: the market does, from the sum that it is told.

import type { Logger } from '@wagerline/infra/logger';
import { waitingAfter } from '@wagerline/shared-kernel/betting/results/waiting-decision';
import type { MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import type { IndexedDecision, IndexEntries, SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { commandIdOf, slotOf } from '@wagerline/shared-kernel/values/ids';
import type { CommandHandlers } from '../handlers.ts';

/** More can wait; those behind are told when these are decided. */
const toldMax = 1_000;
/** Not the settlement job's own: a replay copies what follows from it, as it copies what people decided. */
const actor = { role: 'system', id: 'market-stakes' } as const;

type OfMarket = { readonly marketId: string; readonly event: MarketEvent };

/** The sum is that of the moment at which somebody asked: the same in every worker, and in every replay. */
export function noteDecision(index: SettlementIndex, entries: IndexEntries, { marketId, event }: OfMarket, position: number): void {
  const before = index.decision(marketId);
  const waiting = waitingAfter(before, event);
  if (waiting === before) return;
  const asked = event.type === 'MarketDecisionHeld' && before !== undefined ? before : { position, staked: index.stakes(marketId) };
  entries.decision(marketId, waiting && { ...waiting, marketId, position: asked.position, staked: asked.staked });
}

export type StakesTellerOptions = {
  readonly index: Pick<SettlementIndex, 'decisions'>;
  readonly market: CommandHandlers['market'];
  /** One worker tells each; two would do no harm. */
  readonly isOurs: (slot: number) => boolean;
  readonly logger: Logger;
};

export class StakesTeller {
  readonly #options: StakesTellerOptions;
  /** Being told, or told and not yet read back from the log. */
  readonly #told = new Map<string, Promise<void>>();

  constructor(options: StakesTellerOptions) {
    this.#options = options;
  }

  /** Tells what is asked for and not told yet. What fails is told at the next call. */
  tell(): void {
    const { index, isOurs } = this.#options;
    const asked = index.decisions(toldMax).filter(({ isHeld, marketId }) => !isHeld && isOurs(slotOf(marketId)));
    for (const decisionId of this.#told.keys()) if (!asked.some((waiting) => waiting.decisionId === decisionId)) this.#told.delete(decisionId);
    for (const waiting of asked) {
      const { decisionId } = waiting;
      if (decisionId !== null && !this.#told.has(decisionId)) this.#told.set(decisionId, this.#tellOne(waiting, decisionId));
    }
  }

  /** Resolves when nothing of this is in flight any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#told.values());
  }

  async #tellOne({ marketId, staked }: IndexedDecision, decisionId: string): Promise<void> {
    const { market, logger } = this.#options;
    const context = { commandId: commandIdOf('market-stakes', decisionId), causationId: decisionId, correlationId: decisionId, traceparent: '', actor };
    try {
      await market.handle(marketId, (at) => ({ type: 'TellStakes', decisionId, stakes: staked, at }), context);
    } catch (error) {
      this.#told.delete(decisionId);
      logger.error({ err: error, marketId }, 'a market was not told what was bet on it');
    }
  }
}
