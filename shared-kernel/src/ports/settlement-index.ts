// The settlement job's own index over the log: legs of all bets, open and settled, and the results of all markets, each with its
// log position, so that judging "as of a position" is a query. One per worker, on its own disk, hence synchronous. It may be
// lost at any time and is then filled from the log again; it never decides anything.

import type { SelectionOutcome } from '../betting/results/feed-outcome.ts';
import type { CancelledWindow } from '../betting/results/market-standing.ts';
import type { LegResult } from '../betting/slip.ts';
import type { WaitingDecision } from '../betting/results/waiting-decision.ts';
import type { PriceCorrection, SelectionResult, Stakes } from '../events/market-events.ts';
import type { Actor, CommandContext } from '../events/metadata.ts';

/** The event that something follows from. */
export type Cause = Pick<CommandContext, 'causationId' | 'correlationId' | 'traceparent'>;

/** `late`: at the bet's own position the market was not open, or its fixture had started. True for ever. */
export type IndexedLeg = { readonly marketId: string; readonly selectionId: string; readonly marketVersion: number; readonly late: boolean };

/** `position`: where the bet was placed. `moves`: by its rules a leg goes on in the season that replaces its own. */
export type IndexedBet = {
  readonly position: number;
  readonly placedAtMs: number;
  readonly betId: string;
  readonly accountId: string;
  readonly moves?: true;
  readonly legs: readonly IndexedLeg[];
};

/** What is known of a market beyond win, lose or void: finishing places and dead heats, non-runners, starting prices, wrong prices, early payouts. */
export type MarketDetails = {
  readonly selections?: Readonly<Record<string, Omit<SelectionResult, 'selectionId' | 'result'>>>;
  /** `position`: of the first withdrawal; the percent is off bets placed before it. */
  readonly withdrawn?: readonly { readonly selectionId: string; readonly result: 'void' | 'lost'; readonly rule4Percent: number; readonly position: number }[];
  readonly starting?: Readonly<Record<string, { readonly odds: string; readonly rule4Percent: number }>>;
  /** Oldest first. `position`: where it was declared or asked for; bets placed after it are not struck at the price any more. */
  readonly priceErrors?: readonly (PriceCorrection & { readonly errorId: string; readonly reason: string; readonly position: number })[];
  /** By selection: won by this rule for bets placed before `position`. */
  readonly paidEarly?: Readonly<Record<string, { readonly reason: string; readonly position: number }>>;
  /** The fixture had not started by then. */
  readonly unplayedUntil?: string;
};

/** A result by its name, or one that a feed gave with more to it. */
export type ToldResult = LegResult | (SelectionOutcome & { readonly confirmed?: SelectionOutcome });

/**
 * `results` by selection, empty while there are only details; null: the market was voided. `revision`: of the market's stream. `cancelled`: bets
 * accepted in these windows are void whatever the results say; absent = none. Each entry says all that is known with it.
 */
export type MarketResult = {
  readonly position: number;
  readonly revision: number;
  readonly results: Readonly<Record<string, ToldResult>> | null;
  readonly details?: MarketDetails;
  readonly cancelled?: readonly CancelledWindow[];
  readonly reason: string;
  readonly decidedBy: Actor;
};

/** Something that may settle bets. `marketId` null: the bet placed at this very position has a late leg. */
export type Trigger = { readonly position: number; readonly marketId: string | null; readonly cause: Cause };

/** `position`: of its opening. */
export type OpenedMarket = {
  readonly marketId: string;
  readonly fixtureId: string;
  readonly kind: string;
  readonly line: string | null;
  readonly selectionIds: readonly string[];
  readonly position: number;
};
export type Successor = Pick<OpenedMarket, 'marketId' | 'fixtureId' | 'selectionIds' | 'position'>;

/** A market whose results settle nothing until it is resumed; `hasResult`: one waits. */
export type HeldMarket = { readonly marketId: string; readonly hasResult: boolean };

/** `position`: of the event that asked for it. `staked`: what was bet on the market by then, late legs apart. */
export type IndexedDecision = WaitingDecision & { readonly marketId: string; readonly position: number; readonly staked: Stakes };

/** An event that this reader does not know: bets that depend on its stream are not judged. */
export type UnreadableEvent = { readonly stream: string; readonly position: number; readonly reason: string };

/** Takes effect at once, for the reads within the same `add` too. */
export type IndexEntries = {
  /** `lateCause` undefined: no leg is late. */
  bet(bet: IndexedBet, slot: number, lateCause: Cause | undefined): void;
  marketStatus(marketId: string, isOpen: boolean): void;
  fixtureStarted(fixtureId: string): void;
  /** A whole stake, once for each market of the bet on which it has a leg that is not late. */
  stake(marketId: string, currency: string, stakeMinor: number): void;
  /** What waits at the market now; undefined: nothing. */
  decision(marketId: string, waiting: IndexedDecision | undefined): void;
  /** The market is open from here on. True when bets of a replaced season are found under it: that triggers as a result does. */
  opened(market: OpenedMarket, cause: Cause): boolean;
  /** The market is closed from here on. Of a held market the newest one waits. Bets are found under every market that a cancelled window names, too. */
  result(marketId: string, result: MarketResult, cause: Cause): void;
  hold(marketId: string): void;
  /** What waits for the market counts from this position on. True when there is something. */
  resume(marketId: string, position: number, cause: Cause): boolean;
  /** How many bets more, or fewer, are open. */
  openBets(change: number): void;
  unreadable(event: UnreadableEvent): void;
};

export type SettlementIndex = {
  /** The log is in the index up to and including this position; 0 when the index is new. */
  position(): number;
  /**
   * Stores the entries that `write` makes, and with them that the log is here up to `position`: all or nothing.
   * @throws StoreUnavailableError when the disk is full: the index then stands at an earlier position, maybe before the last `add`.
   */
  add(position: number, write: (entries: IndexEntries) => void): void;
  /** What was added before this call survives a crash. Without it the end of the index may be lost. */
  commit(): void;
  isMarketOpen(marketId: string): boolean;
  hasFixtureStarted(fixtureId: string): boolean;
  /** Every result, correction and void of a market, oldest first. */
  results(marketId: string): readonly MarketResult[];
  /** Also one that waits because its market is held. */
  newestResult(marketId: string): MarketResult | undefined;
  /** The first market that was opened up to `position` in that fixture and asks what this one asks: the same kind and line. */
  successor(marketId: string, fixtureId: string, position: number): Successor | undefined;
  /** Triggers of one slot after a position, in log order. */
  triggers(slot: number, after: number, limit: number): readonly Trigger[];
  /** Bets of one slot with a leg in the market, or in one that it has replaced, placed after `after` and before `before`, in log order. */
  bets(marketId: string, slot: number, range: { readonly after: number; readonly before: number; readonly limit: number }): readonly IndexedBet[];
  /** How many there are in that range. */
  betCount(marketId: string, slot: number, range: { readonly after: number; readonly before: number }): number;
  betAt(position: number): IndexedBet | undefined;
  openBetCount(): number;
  heldMarkets(limit: number): readonly HeldMarket[];
  /** What was bet on the market so far, by currency. */
  stakes(marketId: string): Stakes;
  decision(marketId: string): IndexedDecision | undefined;
  /** Everything that waits, the oldest first. */
  decisions(limit: number): readonly IndexedDecision[];
  unreadable(): readonly UnreadableEvent[];
  close(): Promise<void>;
};
