// What can happen to one bettor's money, limits and bets: facts of stream `account-{accountId}`.
// Every event that says something of a bet carries all that a later decision about that bet needs.

import { z } from 'zod';
import { betShape } from './bet-shape.ts';
import { movesMax } from '../betting/results/market-results.ts';
import { rulesSchema } from '../betting/rules.ts';
import { amountMinor, currency, displayName, event, instant, legDetail, legResult, line } from './schema.ts';
import { marketKind, rational, sha256, slug, stakeMinor, uuid } from './schema.ts';
import type { EventOf } from './schema.ts';
import { actor } from './metadata.ts';
import type { JsonObject } from '../values/json.ts';

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const command = { keyHash: sha256, requestHash: sha256 };
const movement = { accountId: uuid, amountMinor: stakeMinor, currency, ...command };
const refusal = { code: z.string(), detail: json };

export const limitKind = z.enum(['stake', 'loss', 'deposit']);
export const limitPeriod = z.enum(['day', 'week', 'month']);
export const oddsChangePolicy = z.enum(['none', 'better', 'any']);

export const freeBetKind = z.enum(['stake-not-returned', 'stake-returned']);

/** What the bet was struck on; the same in every event of one bet. */
const terms = {
  accountId: uuid,
  betId: uuid,
  currency,
  unitStakeMinor: stakeMinor,
  stakeMinor,
  shape: betShape,
  /** Win and place part on each line. */
  eachWay: z.boolean(),
  lineCount: z.int().min(1),
  returnMaxMinor: amountMinor,
  ruleSet: z.string(),
  /** What the bet itself agrees otherwise than its rule set. */
  rules: rulesSchema.pick({ eachWayFormula: true, placeOnly: true }).exactOptional(),
  /** The token that the stake is of, and whether a return holds it. */
  freeBet: z.strictObject({ freeBetId: uuid, kind: freeBetKind, expiresAt: instant }).exactOptional(),
  placedAt: instant,
};
const legTerms = {
  fixtureId: slug,
  competition: slug,
  marketId: slug,
  marketKind,
  line: line.nullable(),
  selectionId: slug,
  /** The accepted odds; of a leg at the starting price those on the board when it was struck. */
  odds: rational,
  /** Paid at the starting price, which comes with the result. */
  startingPrice: z.literal(true).exactOptional(),
  /** The share of the odds that the place part is paid at. */
  placeFraction: rational.exactOptional(),
  /** How many places the place part is paid on. */
  places: z.int().min(1).max(200).exactOptional(),
  /** Struck before the field was final: who does not run has lost, and nothing is taken off the others. */
  antePost: z.literal(true).exactOptional(),
};
const requestedOdds = rational.or(z.literal('SP'));
const placedLeg = z.strictObject({
  ...legTerms,
  sport: slug,
  home: displayName,
  away: displayName,
  startsAt: instant,
  inPlay: z.boolean(),
  selectionName: displayName,
  requestedOdds,
  /** Revision of the market that the leg was judged against. */
  marketVersion: z.int().min(0),
});
const place = { fixtureId: slug, marketId: slug };
/** `resultRevision`: revision of the market event that the result comes from, null while it has none. `late` legs are void for ever. */
const judgedLeg = z.strictObject({
  ...legTerms,
  /** When the fixture was to start, as the bet was struck; absent in bets that were settled before it was kept. */
  startsAt: instant.exactOptional(),
  result: legResult.or(z.literal('open')),
  resultRevision: z.int().min(0).nullable(),
  late: z.boolean(),
  /** The share of the stake that is handed back, and of a won leg's return, where they are not what the result implies. */
  voidFactor: rational.exactOptional(),
  winDeadHeat: rational.exactOptional(),
  detail: legDetail.exactOptional(),
  /** The price was a palpable error: the leg is settled at these odds, and `odds` stay those that it was struck at. */
  corrected: z.strictObject({ odds: rational, reason: slug }).exactOptional(),
  /** Won before its market was decided, by this rule, and for good. */
  paidEarly: slug.exactOptional(),
  /**
   * Its season was replaced: the leg goes on here. `revisions`: those of the markets on the way, this one last, each as `resultRevision` is of the
   * market that it was struck on.
   */
  movedTo: z.strictObject({ ...place, revisions: z.array(z.int().min(0).nullable()).min(1).max(movesMax) }).exactOptional(),
});
/** Why, as a code, and by whom: a trader, or the producer and message of a feed. */
/** `approvedBy`: the second person, where the sum or what was known already asked for one. */
const why = { reason: slug, decidedBy: actor, approvedBy: actor.exactOptional() };
const move = z.strictObject({ leg: z.int().min(0), from: z.strictObject(place), to: z.strictObject(place) });
const judged = { ...terms, legs: z.array(judgedLeg).min(1).max(20) };

export const accountEvents = {
  AccountOpened: event(1, z.strictObject({ accountId: uuid, currency, brand: slug, jurisdiction: slug })),
  FundsDeposited: event(1, z.strictObject(movement)),
  DepositRefused: event(1, z.strictObject({ ...movement, ...refusal })),
  FundsWithdrawn: event(1, z.strictObject(movement)),
  WithdrawalRefused: event(1, z.strictObject({ ...movement, ...refusal })),
  /** `amountMinor` null takes the limit away. A looser limit has `effectiveAt` after `at`. */
  LimitSet: event(
    1,
    z.strictObject({ accountId: uuid, kind: limitKind, period: limitPeriod, amountMinor: amountMinor.min(0).nullable(), effectiveAt: instant }),
  ),
  /** `until` null: for ever. */
  SelfExcluded: event(1, z.strictObject({ accountId: uuid, until: instant.nullable() })),
  BetPlaced: event(
    4,
    z.strictObject({ ...terms, ...command, brand: slug, jurisdiction: slug, oddsChangePolicy, legs: z.array(placedLeg).min(1).max(20) }),
  ),
  BetRefused: event(
    2,
    z.strictObject({
      accountId: uuid,
      betId: uuid,
      ...command,
      ...refusal,
      currency: z.string(),
      stakeMinor: z.int(),
      legs: z.array(z.strictObject({ marketId: slug, selectionId: slug, requestedOdds })).max(20),
    }),
  ),
  /** `settlement` counts the settlements of this bet from 1; a reversal names the one that it takes back. */
  BetSettled: event(
    8,
    z.strictObject({
      ...judged,
      ...why,
      settlement: z.int().min(1),
      state: z.enum(['lost', 'returned', 'void']),
      returnExact: rational,
      returnMinor: amountMinor.min(0),
      rounding: z.string(),
    }),
  ),
  /**
   * The bet is decided and returns more than is credited without a second person: nothing moves until somebody approves. `settlement`: the number
   * that it will have. `state` open: it is no longer decided, and nothing waits any more.
   */
  BetReturnHeld: event(
    4,
    z.strictObject({
      ...judged,
      reason: slug,
      decidedBy: actor,
      settlement: z.int().min(1),
      state: z.enum(['open', 'lost', 'returned', 'void']),
      returnExact: rational,
      returnMinor: amountMinor.min(0),
      rounding: z.string(),
    }),
  ),
  /** Odds of an undecided bet were corrected, or the correction was taken back. `settlement` counts its settlements so far. No money moves. */
  BetRepriced: event(3, z.strictObject({ ...judged, reason: slug, decidedBy: actor, settlement: z.int().min(0) })),
  /**
   * Legs go on in another season, or back where they were: `moves` says which, `legs` where each is from here on. Money follows in the events behind it, if
   * at all. `isLive`: the bet's stake was at risk as it moved. `settlement` counts its settlements so far.
   */
  BetMoved: event(
    1,
    z.strictObject({ ...judged, reason: slug, decidedBy: actor, settlement: z.int().min(0), isLive: z.boolean(), moves: z.array(move).min(1).max(20) }),
  ),
  /** Somebody wants a bet void whose outcome is known or whose sum is large: a second person has to approve. */
  BetVoidRequested: event(1, z.strictObject({ accountId: uuid, betId: uuid, reason: slug, decidedBy: actor })),
  /** The second person declined the void that `requestedBy` wanted: the bet goes on as if nobody had asked. */
  BetVoidDeclined: event(1, z.strictObject({ accountId: uuid, betId: uuid, reason: slug, requestedBy: actor, declinedBy: actor })),
  /** The second person declined a return that was held: it is not paid, and the bet is open until a newer result, or a void, decides it. */
  BetReturnDeclined: event(2, z.strictObject({ ...judged, reason: slug, decidedBy: actor, settlement: z.int().min(1) })),
  /** Takes back the money of one settlement; `legs` are as judged now. The bet is open again unless a settlement follows at once. */
  BetSettlementReversed: event(8, z.strictObject({ ...judged, ...why, settlement: z.int().min(1), returnMinor: amountMinor.min(0) })),
  /** Newer results, the same outcome: no money moves. */
  BetResultConfirmed: event(
    7,
    z.strictObject({
      ...judged,
      settlement: z.int().min(1),
      state: z.enum(['lost', 'returned', 'void']),
      returnExact: rational,
      returnMinor: amountMinor.min(0),
    }),
  ),
  /** A token that one bet of exactly this stake may be struck with. It is no money until it returns some. */
  FreeBetGranted: event(1, z.strictObject({ accountId: uuid, freeBetId: uuid, kind: freeBetKind, amountMinor: stakeMinor, currency, expiresAt: instant })),
  /**
   * What the returns of the bets that were struck on `day` are above the daily cap of their rule set is withheld; `changeMinor` is by how much
   * more (or less) than before. Stands behind the settlement or reversal that it follows from.
   */
  DailyCapApplied: event(
    1,
    z.strictObject({
      accountId: uuid,
      ruleSet: z.string(),
      day: z.iso.date(),
      currency,
      returnsMinor: amountMinor.min(0),
      capMinor: amountMinor.min(0),
      withheldMinor: amountMinor.min(0),
      changeMinor: amountMinor,
    }),
  ),
  /** Voided by hand: the stake goes back, and the feed's results no longer matter. */
  BetVoided: event(8, z.strictObject({ ...judged, ...why, settlement: z.int().min(0) })),
};

export type AccountEvent = EventOf<typeof accountEvents>;
export type AccountEventOf<Type extends AccountEvent['type']> = Extract<AccountEvent, { type: Type }>;
export type PlacedLeg = z.infer<typeof placedLeg>;
export type JudgedLeg = z.infer<typeof judgedLeg>;
export type LimitKind = z.infer<typeof limitKind>;
export type LimitPeriod = z.infer<typeof limitPeriod>;
export type OddsChangePolicy = z.infer<typeof oddsChangePolicy>;

export type Move = z.infer<typeof move>;

/** Where a leg counts now: where it was struck, or where it has moved. */
export function placeOf(leg: { readonly fixtureId: string; readonly marketId: string; readonly movedTo?: JudgedLeg['movedTo'] }): Move['from'] {
  const { fixtureId, marketId } = leg.movedTo ?? leg;
  return { fixtureId, marketId };
}

export function isAccountEvent(event: { readonly type: string }): event is AccountEvent {
  return event.type in accountEvents;
}
