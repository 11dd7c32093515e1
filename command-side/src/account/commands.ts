// What bettors, staff and the settlement job ask of an account. Everything that `decide` needs is in the command: time, ids,
// the offers that a slip was judged against and the limits of the house.

import type { Verdict } from '@wagerline/shared-kernel/betting/leg-verdict';
import type { CancelledWindow } from '@wagerline/shared-kernel/betting/results/market-standing';
import type { FreeBet } from '@wagerline/shared-kernel/betting/terms';
import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { AccountEventOf, JudgedLeg, LimitKind, LimitPeriod, OddsChangePolicy } from '@wagerline/shared-kernel/events/account-events';
import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import type { Actor } from '@wagerline/shared-kernel/events/metadata';

/** A command that moves money is known for ever by the hash of its Idempotency-Key and of its body. */
export type MoneyKey = { readonly keyHash: string; readonly requestHash: string };

/** A selection as the command side saw it when the slip came in. */
export type Offer = {
  /** As the market itself spells it: what the account keeps of an open bet does not hold on to the request's text. */
  readonly marketId: string;
  readonly marketVersion: number;
  readonly status: 'open' | 'suspended' | 'closed';
  readonly kind: MarketKind;
  readonly line: string | null;
  readonly inPlay: boolean;
  readonly stakeMaxPerBetMinor: number | null;
  readonly stakeMaxPerAccountMinor: number | null;
  /** Absent: win only. */
  readonly placeTerms?: { readonly places: number; readonly fraction: string };
  /** The field is not final: who does not run has lost. */
  readonly antePost?: true;
  /** The selection does not run. */
  readonly withdrawn?: true;
  /** Undefined: the market has no such selection. */
  readonly selection: { readonly name: string; readonly odds: string } | undefined;
  readonly fixture: {
    readonly fixtureId: string;
    readonly sport: string;
    readonly competition: string;
    readonly home: string;
    readonly away: string;
    readonly startsAt: string;
    /** It has no date. */
    readonly postponed?: true;
    /** True from the start of the fixture on. */
    readonly started: boolean;
  };
};

export type SlipLeg = {
  readonly marketId: string;
  readonly selectionId: string;
  /** The odds that the bettor saw, as "a/b"; `SP`: whatever the starting price will be. */
  readonly requestedOdds: string;
  /** Undefined: there is no such market. `stale`: what is on offer is not known well enough at the moment. */
  readonly offer: Offer | 'stale' | undefined;
};

export type BetLimits = {
  readonly openBetsMax: number;
  readonly stakeMinorMax: number;
  /** Of what the bet could return before any cap of its rules. */
  readonly returnMinorMax: number;
  readonly linesMax: number;
};

/** What the house strikes bets on. */
export type BetTerms = { readonly ruleSet: string; readonly limits: BetLimits };

/** Which formula an each-way bet is reckoned by; place-only: every line on the place part alone. */
export type AgreedRules = NonNullable<AccountEventOf<'BetPlaced'>['rules']>;

/** A slip as it is judged. Without a stake of each line it names `totalStakeMinor`, which must divide by the lines. */
export type Slip = BetTerms & {
  readonly currency: string;
  readonly unitStakeMinor: number | null;
  readonly totalStakeMinor?: number;
  readonly shape: BetShape;
  readonly eachWay?: true;
  /** What the slip agrees otherwise than the rule set. */
  readonly rules?: AgreedRules;
  /** Of a bet builder: the price that the bettor saw, and the one on offer, which `shape` has; undefined where there is none. */
  readonly builder?: { readonly requestedOdds: string; readonly offeredOdds: string | undefined };
  /** A token of the account stakes this bet. */
  readonly freeBetId?: string;
  readonly oddsChangePolicy: OddsChangePolicy;
  readonly legs: readonly SlipLeg[];
  readonly at: string;
};

export type PlaceBet = MoneyKey & Slip & { readonly type: 'PlaceBet'; readonly betId: string };

/**
 * One entry per leg of the bet, in order: what is known of it at one position of the log. `confirmed`: what rules say that pay confirmed results
 * only; `cancelled`: bets accepted in these windows are void whatever the results say; `unplayedUntil`: the fixture had not started by then;
 * `movedTo`: the verdict is that of the market to which the leg has moved.
 */
export type LegVerdict = Verdict & {
  readonly cancelled?: readonly CancelledWindow[];
  readonly unplayedUntil?: string;
  readonly movedTo?: JudgedLeg['movedTo'];
  readonly resultRevision: number | null;
  readonly late: boolean;
};
/** A reason code, and who decided. */
export type Why = { readonly reason: string; readonly decidedBy: Actor };

/** A return above `returnApprovalMinor` waits for a second person. */
export type SettleBet = Why & {
  readonly type: 'SettleBet';
  readonly betId: string;
  readonly legs: readonly LegVerdict[];
  readonly returnApprovalMinor: number;
  readonly at: string;
};
/** `isOutcomeKnown`: a market of the bet has its result. Then, and above `voidApprovalMinor`, a second person has to approve. */
export type VoidBet = Why & {
  readonly type: 'VoidBet';
  readonly betId: string;
  readonly isOutcomeKnown: boolean;
  readonly voidApprovalMinor: number;
  readonly at: string;
};
/** Of a return that is held, or of a void that somebody requested: by another person. */
export type Approve = { readonly type: 'ApproveReturn' | 'ApproveVoid'; readonly betId: string; readonly approvedBy: Actor; readonly at: string };

/** The same, declined: a void is then as if nobody had asked, a return is not paid until a newer result decides. */
export type Decline = {
  readonly type: 'DeclineReturn' | 'DeclineVoid';
  readonly betId: string;
  readonly reason: string;
  readonly declinedBy: Actor;
  readonly at: string;
};

/** `freeBetId` is chosen by whoever grants it, which makes granting idempotent. */
export type GrantFreeBet = {
  readonly type: 'GrantFreeBet';
  readonly freeBetId: string;
  readonly kind: FreeBet;
  readonly amountMinor: number;
  readonly currency: string;
  readonly expiresAt: string;
  readonly at: string;
};

export type MoveFunds = MoneyKey & {
  readonly type: 'Deposit' | 'Withdraw';
  readonly amountMinor: number;
  readonly amountMinorMax: number;
  readonly currency: string;
  readonly at: string;
};

export type AccountCommand =
  | {
      readonly type: 'OpenAccount';
      readonly accountId: string;
      readonly currency: string;
      readonly brand: string;
      readonly jurisdiction: string;
      readonly at: string;
    }
  | MoveFunds
  | { readonly type: 'SetLimit'; readonly kind: LimitKind; readonly period: LimitPeriod; readonly amountMinor: number | null; readonly at: string }
  | { readonly type: 'SelfExclude'; readonly until: string | null; readonly at: string }
  | PlaceBet
  | GrantFreeBet
  | SettleBet
  | VoidBet
  | Approve
  | Decline;
