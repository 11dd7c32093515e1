// What traders, feeds and the fixture reactor ask of a market. Odds are rationals as "a/b"; `at` is set once, at the edge.

import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import type { PriceCorrection, SelectionResult, Stakes } from '@wagerline/shared-kernel/events/market-events';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';

/**
 * Either said outright, or as the place in which a runner came in: then `decide` says what that is by the market's place terms. `position`
 * is the best place that the `tied` share.
 */
export type GivenResult = SelectionResult | { readonly selectionId: string; readonly position: number; readonly tied: number };

/**
 * One person decides. If bets of the market may add up to more than `approvalAboveMinor` in a currency, that waits for a second one; the largest
 * integer means that they may not.
 */
export type ByHand = { readonly decisionId: string; readonly by: Actor; readonly approvalAboveMinor: number };

export type MarketCommand =
  | {
      readonly type: 'OpenMarket';
      readonly marketId: string;
      readonly fixtureId: string;
      readonly kind: MarketKind;
      readonly line: string | null;
      readonly inPlay: boolean;
      readonly selections: readonly { readonly selectionId: string; readonly name: string; readonly odds: string }[];
      readonly stakeMaxPerBetMinor: number | null;
      readonly stakeMaxPerAccountMinor: number | null;
      readonly at: string;
    }
  | { readonly type: 'ChangePrices'; readonly prices: readonly { readonly selectionId: string; readonly odds: string }[]; readonly at: string }
  | { readonly type: 'SuspendMarket'; readonly reason: string; readonly at: string }
  | { readonly type: 'ResumeMarket'; readonly at: string }
  | { readonly type: 'CloseMarket'; readonly reason: string; readonly at: string }
  | { readonly type: 'ResultMarket'; readonly results: readonly GivenResult[]; readonly byHand: ByHand; readonly at: string }
  | { readonly type: 'CorrectResult'; readonly results: readonly GivenResult[]; readonly reason: string; readonly byHand: ByHand; readonly at: string }
  | { readonly type: 'SetPlaceTerms'; readonly places: number; readonly fraction: string; readonly at: string }
  | { readonly type: 'SetAntePost'; readonly antePost: boolean; readonly at: string }
  | WithdrawSelection
  | SetStartingPrices
  | DeclarePriceError
  | { readonly type: 'PayEarly'; readonly selectionId: string; readonly reason: string; readonly byHand: ByHand; readonly at: string }
  /** Of a market that has its result: a request, which another person has to approve whatever the sum. */
  | { readonly type: 'VoidMarket'; readonly reason: string; readonly byHand: ByHand; readonly at: string }
  /** What was bet on the market up to where that decision was asked for; null: nobody can say. */
  | { readonly type: 'TellStakes'; readonly decisionId: string; readonly stakes: Stakes; readonly at: string }
  | { readonly type: 'ApproveDecision'; readonly decisionId: string; readonly by: Actor; readonly at: string }
  | { readonly type: 'DeclineDecision'; readonly decisionId: string; readonly reason: string; readonly by: Actor; readonly at: string }
  | { readonly type: 'ApproveMarketVoid'; readonly by: Actor; readonly at: string }
  | { readonly type: 'DeclineMarketVoid'; readonly reason: string; readonly by: Actor; readonly at: string }
  | { readonly type: 'HoldSettlement'; readonly reason: string; readonly at: string }
  | { readonly type: 'ResumeSettlement'; readonly at: string }
  /** What the reactor asks of an abandoned fixture's markets, for whoever abandoned it: a market that has a result keeps it. */
  | { readonly type: 'VoidUndecidedMarket'; readonly reason: string; readonly byHand: ByHand; readonly at: string }
  /** What it asks where the fixture had not started by `until`. */
  | { readonly type: 'NoteUnplayed'; readonly until: string; readonly at: string }
  /** `messageId`: the hash of the message's identity; `messagesMax`: as many different ones as are kept of one market. */
  | { readonly type: 'ReceiveFeed'; readonly messageId: string; readonly message: FeedMessage; readonly messagesMax: number; readonly at: string }
  /** What was decided by hand gives way to what the feed says. */
  | { readonly type: 'ReleaseMarket'; readonly reason: string; readonly at: string };

/** Without `rule4Percent` it is the one of the bands for `odds`, the price at the withdrawal, which is the current one where it is not said. */
export type WithdrawSelection = {
  readonly type: 'WithdrawSelection';
  readonly selectionId: string;
  readonly odds?: string;
  /** What bets on it are: an ante-post bet on a non-runner may be lost, and then nothing is taken off the others. */
  readonly result: 'void' | 'lost';
  readonly rule4Percent?: number;
  readonly reason: string;
  readonly byHand: ByHand;
  readonly at: string;
};

/** `errorId` is chosen by whoever declares it, which makes that idempotent; a `correction` of null takes it back. */
export type DeclarePriceError = {
  readonly type: 'DeclarePriceError';
  readonly errorId: string;
  readonly correction: PriceCorrection | null;
  readonly reason: string;
  readonly byHand: ByHand;
  readonly at: string;
};

export type SetStartingPrices = {
  readonly type: 'SetStartingPrices';
  readonly prices: readonly { readonly selectionId: string; readonly odds: string; readonly rule4Percent: number }[];
  readonly byHand: ByHand;
  readonly at: string;
};
