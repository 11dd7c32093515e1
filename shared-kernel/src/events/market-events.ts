// What can happen to a market (one question about a fixture): facts of stream `market-{marketId}`.
// The stream's revision is the market's version.

import { z } from 'zod';
import { actor } from './metadata.ts';
import { feedMessage, marketStanding } from './feed-payload.ts';
import { currency, displayName, event, instant, legResult, line, marketKind, rational, rule4, sha256, slug, stakeMinor, uuid, type EventOf } from './schema.ts';

const place = z.int().min(1).max(200);
/**
 * The result against the place terms of the moment. With a `position`, the best that the `tied` share, the place part of each bet is reckoned
 * by the places that it was struck on; `placeResult` and the dead heats say it otherwise, for every bet alike.
 */
const selectionResult = z.strictObject({
  selectionId: slug,
  result: legResult,
  placeResult: legResult.exactOptional(),
  winDeadHeat: rational.exactOptional(),
  placeDeadHeat: rational.exactOptional(),
  position: place.exactOptional(),
  tied: place.exactOptional(),
});
const results = z.array(selectionResult).min(1).max(200);
/** Bounds of the bets that were struck at a wrong price; absent = without bound. `from` and `fromVersion` are in it, the others are not. */
const struckWindow = {
  from: instant.exactOptional(),
  until: instant.exactOptional(),
  fromVersion: z.int().min(0).exactOptional(),
  untilVersion: z.int().min(0).exactOptional(),
};
const priceCorrection = z.strictObject({ selectionId: slug, odds: rational, ...struckWindow });
const market = { marketId: slug, fixtureId: slug };
/** `odds`: the price at the withdrawal; `table`: the bands that the percent comes from, null where the trader said it. */
const withdrawal = {
  selectionId: slug,
  odds: rational,
  result: z.enum(['void', 'lost']),
  rule4Percent: rule4,
  table: z.string().max(64).nullable(),
  reason: slug,
};
const priceError = { errorId: slug, correction: priceCorrection.nullable(), reason: slug };
const startingPrices = z.array(z.strictObject({ selectionId: slug, odds: rational, rule4Percent: rule4 })).min(1).max(200);
/** What was bet on a market, late legs apart: whole stakes, also of multiples, by currency. */
const stakes = z.array(z.strictObject({ currency, stakeMinor })).max(200);
/** What a person wants of a market; each says what its event would say. */
const decision = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('result'), results }),
  z.strictObject({ type: z.literal('correction'), results, reason: slug }),
  z.strictObject({ type: z.literal('void'), reason: slug }),
  z.strictObject({ type: z.literal('early-payout'), selectionId: slug, reason: slug }),
  z.strictObject({ type: z.literal('withdrawal'), ...withdrawal }),
  z.strictObject({ type: z.literal('price-error'), ...priceError }),
  z.strictObject({ type: z.literal('starting-prices'), prices: startingPrices }),
]);
/**
 * Of a decision that was asked for before it took effect: who wanted it, and the second person who approved it. Without one `stakes` were not above
 * the sum. A void of a known outcome has no `decisionId`.
 */
const approval = z.strictObject({ decisionId: uuid.exactOptional(), requestedBy: actor, approvedBy: actor.exactOptional(), stakes: stakes.exactOptional() });
const approved = { approval: approval.exactOptional() };

export const marketEvents = {
  MarketOpened: event(
    2,
    z.strictObject({
      ...market,
      kind: marketKind,
      line: line.nullable(),
      inPlay: z.boolean(),
      selections: z.array(z.strictObject({ selectionId: slug, name: displayName, odds: rational })).min(2).max(200),
      stakeMaxPerBetMinor: stakeMinor.nullable(),
      stakeMaxPerAccountMinor: stakeMinor.nullable(),
    }),
  ),
  PricesChanged: event(1, z.strictObject({ ...market, prices: z.array(z.strictObject({ selectionId: slug, odds: rational })).min(1).max(200) })),
  MarketSuspended: event(1, z.strictObject({ ...market, reason: slug })),
  MarketResumed: event(1, z.strictObject({ ...market })),
  MarketClosed: event(1, z.strictObject({ ...market, reason: slug })),
  MarketResulted: event(3, z.strictObject({ ...market, results, ...approved })),
  MarketResultCorrected: event(3, z.strictObject({ ...market, results, reason: slug, ...approved })),
  MarketVoided: event(3, z.strictObject({ ...market, reason: slug, ...approved })),
  /** Somebody wants a market void that has its result: a second person has to approve. */
  MarketVoidRequested: event(1, z.strictObject({ ...market, reason: slug, requestedBy: actor })),
  /** The second person declined it: the market keeps its result. */
  MarketVoidDeclined: event(1, z.strictObject({ ...market, reason: slug, requestedBy: actor, declinedBy: actor })),
  /**
   * One person decided something of the market: it takes effect when it is known that its bets add up to `approvalAboveMinor` at most in each
   * currency, in minor units, or when a second person approves. The bets are those before this event in the log.
   */
  MarketDecisionRequested: event(
    2,
    z.strictObject({ ...market, decisionId: uuid, decision, requestedBy: actor, approvalAboveMinor: z.int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  ),
  /** The bets add up to more, or a void's outcome has become known meanwhile: a second person has to approve. */
  MarketDecisionHeld: event(1, z.strictObject({ ...market, decisionId: uuid, stakes })),
  /** The second person declined it: as if nobody had asked. */
  MarketDecisionDeclined: event(1, z.strictObject({ ...market, decisionId: uuid, reason: slug, requestedBy: actor, declinedBy: actor })),
  /** Its fixture had not started by `until`, and it is undecided: legs that had to be played by then are void, whatever comes. */
  MarketUnplayed: event(1, z.strictObject({ ...market, until: instant })),
  /** Bets from here on are struck ante-post, or are not any more; those before keep what they were struck on. */
  AntePostSet: event(1, z.strictObject({ ...market, antePost: z.boolean() })),
  /** Each-way bets from here on are struck on these; those before keep theirs. */
  PlaceTermsSet: event(1, z.strictObject({ ...market, places: place, fraction: rational })),
  /**
   * A non-runner: its bets are `result` whatever comes, and the market is suspended. Bets on the others that were struck before it is paid
   * `rule4Percent` less of their winnings; `table` names the bands that it comes from, null where the trader said it.
   */
  SelectionWithdrawn: event(2, z.strictObject({ ...market, ...withdrawal, ...approved })),
  /** For bets at the starting price, and those whose best odds are guaranteed; `rule4Percent` is off the starting price itself. */
  StartingPricesSet: event(2, z.strictObject({ ...market, prices: startingPrices, ...approved })),
  /**
   * The price of a selection was a palpable error: bets that were placed before this, or before it was asked for, and struck in its window, are settled
   * at `odds` and keep those that they were struck at. Said again under one `errorId` it replaces what was said; null takes it back.
   */
  PriceErrorDeclared: event(2, z.strictObject({ ...market, ...priceError, ...approved })),
  /**
   * Bets that were placed on the selection before this, or before it was asked for, have won, for good: no result, cancel or void of the market
   * takes it back.
   */
  OutcomePaidEarly: event(2, z.strictObject({ ...market, selectionId: slug, reason: slug, ...approved })),
  /** Until it is resumed no result of this market settles a bet; what came meanwhile counts from the resumption on. */
  MarketSettlementHeld: event(1, z.strictObject({ ...market, reason: slug })),
  MarketSettlementResumed: event(1, z.strictObject({ ...market })),
  /**
   * A message of the feed, kept once: `messageId` is the hash of its identity. `standing` is what all the messages kept come to now; null where
   * that is what it was, or where a decision by hand outranks the feed.
   */
  MarketFeedReceived: event(1, z.strictObject({ ...market, messageId: sha256, message: feedMessage, standing: marketStanding.nullable() })),
  /** The decision by hand no longer outranks the feed. */
  MarketReleased: event(1, z.strictObject({ ...market, reason: slug, standing: marketStanding })),
};

export type PriceCorrection = Readonly<z.infer<typeof priceCorrection>>;
export type SelectionResult = Readonly<z.infer<typeof selectionResult>>;
export type Stakes = readonly Readonly<z.infer<typeof stakes>[number]>[];
export type MarketDecision = Readonly<z.infer<typeof decision>>;
export type Approval = Readonly<z.infer<typeof approval>>;
export type MarketEvent = EventOf<typeof marketEvents>;

export function isMarketEvent(event: { readonly type: string }): event is MarketEvent {
  return event.type in marketEvents;
}
