// One register of feed messages over all products: it keeps each message once, and says what became of a leg. Called by settlement and by
// the lifecycle tool. Its answers depend on the set of messages kept, never on the order in which they came.

import { feedOutcome } from './feed-outcome.ts';
import { identityOf, type FeedMessage } from './feed-message.ts';
import type { LegOutcomeTerms } from '../legs.ts';
import { activeCancels, isMarketHeld, messagesOfLegs, movesMax, seasonAfter, selectionResult, type SettleAt } from './market-results.ts';

export type LegOfMarket = { readonly fixture: string; readonly market: string; readonly selection: string };

/** What outranks the feed: a leg that was late stays void; a manual decision stands until it is released. */
export type LegAtRegister = LegOfMarket & { readonly acceptedAtMs: number; readonly isLate?: boolean; readonly manual?: LegOutcomeTerms };

export type FeedRules = { readonly settleAt: SettleAt; readonly supercededBy: 'void' | 'move' };

export class ResultRegister {
  private readonly known = new Set<string>();
  private readonly byMarket = new Map<string, FeedMessage[]>();

  /** False = known already; nothing has changed. */
  add(message: FeedMessage): boolean {
    const identity = identityOf(message);
    if (this.known.has(identity)) return false;
    this.known.add(identity);
    const key = marketKey(message);
    const messages = this.byMarket.get(key);
    if (messages === undefined) this.byMarket.set(key, [message]);
    else messages.push(message);
    return true;
  }

  /** Two results of the same weight contradict each other: the legs of this market are open until one outweighs the other. */
  isHeld(market: Pick<LegOfMarket, 'fixture' | 'market'>, settleAt: SettleAt): boolean {
    return isMarketHeld(this.messagesOf(market), settleAt);
  }

  legOutcome(leg: LegAtRegister, rules: FeedRules): LegOutcomeTerms {
    if (leg.isLate === true) return { result: 'void' };
    if (leg.manual !== undefined) return leg.manual;
    const { fixture, end } = this.wayOf(leg, rules);
    if (end !== 'here') return { result: end };
    const result = selectionResult(this.messagesOf({ fixture, market: leg.market }), leg.selection, rules.settleAt);
    return typeof result === 'string' ? { result: 'open' } : feedOutcome(result);
  }

  /** Where the leg counts: its own season, or the last of those that have replaced it. */
  fixtureOf(leg: LegAtRegister, rules: FeedRules): string {
    return this.wayOf(leg, rules).fixture;
  }

  /** A circle, or too long a chain, is open. */
  private wayOf({ fixture: own, market, acceptedAtMs }: LegAtRegister, rules: FeedRules): { readonly fixture: string; readonly end: 'here' | 'void' | 'open' } {
    let fixture = own;
    for (let moves = 0; moves <= movesMax; moves += 1) {
      const season = seasonAfter(activeCancels(this.messagesOf({ fixture, market })), acceptedAtMs);
      if (season === undefined) return { fixture, end: 'here' };
      if (rules.supercededBy === 'void' || season === null) return { fixture, end: 'void' };
      fixture = season;
    }
    return { fixture: own, end: 'open' };
  }

  private messagesOf(market: Pick<LegOfMarket, 'fixture' | 'market'>): readonly FeedMessage[] {
    return messagesOfLegs(this.byMarket.get(marketKey(market)) ?? []);
  }
}

/** Legs name fixture, market and selection. JSON text, so that no name can be mistaken for another. */
export function marketKey({ fixture, market }: Pick<LegOfMarket, 'fixture' | 'market'>): string {
  return JSON.stringify([fixture, market]);
}
