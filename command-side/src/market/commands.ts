// What traders, feeds and the fixture reactor ask of a market. Odds are rationals as "a/b"; `at` is set once, at the edge.

import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';

export type SelectionResult = { readonly selectionId: string; readonly result: LegResult };

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
  | { readonly type: 'ResultMarket'; readonly results: readonly SelectionResult[]; readonly at: string }
  | { readonly type: 'CorrectResult'; readonly results: readonly SelectionResult[]; readonly reason: string; readonly at: string }
  /** Of a market that has its result: a request, which another person has to approve. */
  | { readonly type: 'VoidMarket'; readonly reason: string; readonly by: Actor; readonly at: string }
  | { readonly type: 'ApproveMarketVoid'; readonly by: Actor; readonly at: string }
  | { readonly type: 'HoldSettlement'; readonly reason: string; readonly at: string }
  | { readonly type: 'ResumeSettlement'; readonly at: string }
  /** What the reactor asks of an abandoned fixture's markets: a market that has a result keeps it. */
  | { readonly type: 'VoidUndecidedMarket'; readonly reason: string; readonly at: string }
  /** `messageId`: the hash of the message's identity; `messagesMax`: as many different ones as are kept of one market. */
  | { readonly type: 'ReceiveFeed'; readonly messageId: string; readonly message: FeedMessage; readonly messagesMax: number; readonly at: string }
  /** What was decided by hand gives way to what the feed says. */
  | { readonly type: 'ReleaseMarket'; readonly reason: string; readonly at: string };
