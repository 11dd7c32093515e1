// Older payloads brought to the newest schema, one version step at a time: `Type@version` -> payload of the next version.
// An entry is added with each new schema version and never removed; its stored sample proves that it works.

import type { JsonObject } from '../values/json.ts';

export const upcasters: ReadonlyMap<string, (payload: JsonObject) => JsonObject> = new Map([
  ['BetPlaced@1', winOnly],
  ['BetSettled@1', winOnly],
  ['BetSettlementReversed@1', winOnly],
  ['BetResultConfirmed@1', winOnly],
  ['BetVoided@1', winOnly],
  ['BetSettled@2', settledByResult],
  ['BetSettlementReversed@2', decidedBySomebody],
  ['BetResultConfirmed@2', unchanged],
  ['BetVoided@2', decidedBySomebody],
  ['MarketVoided@1', unchanged],
  ['BetSettled@3', unchanged],
  ['BetSettlementReversed@3', unchanged],
  ['BetVoided@3', unchanged],
  ['BetPlaced@2', unchanged],
  ['BetSettled@4', unchanged],
  ['BetSettlementReversed@4', unchanged],
  ['BetResultConfirmed@3', unchanged],
  ['BetVoided@4', unchanged],
  ['BetSettled@5', unchanged],
  ['BetReturnHeld@1', unchanged],
  ['BetSettlementReversed@5', unchanged],
  ['BetResultConfirmed@4', unchanged],
  ['BetVoided@5', unchanged],
  ['BetRefused@1', unchanged],
  ['MarketOpened@1', unchanged],
  ['MarketResulted@1', unchanged],
  ['MarketResultCorrected@1', unchanged],
  ['BetPlaced@3', unchanged],
  ['BetSettled@6', unchanged],
  ['BetReturnHeld@2', unchanged],
  ['BetSettlementReversed@6', unchanged],
  ['BetResultConfirmed@5', unchanged],
  ['BetVoided@6', unchanged],
  ['BetRepriced@1', unchanged],
  ['MarketResulted@2', unchanged],
  ['MarketResultCorrected@2', unchanged],
  ['MarketVoided@2', unchanged],
  ['OutcomePaidEarly@1', unchanged],
  ['BetSettled@7', unchanged],
  ['BetReturnHeld@3', unchanged],
  ['BetSettlementReversed@7', unchanged],
  ['BetResultConfirmed@6', unchanged],
  ['BetVoided@7', unchanged],
  ['BetRepriced@2', unchanged],
  ['BetReturnDeclined@1', unchanged],
  ['MarketDecisionRequested@1', unchanged],
  ['SelectionWithdrawn@1', unchanged],
  ['StartingPricesSet@1', unchanged],
  ['PriceErrorDeclared@1', unchanged],
]);

/** The first version knew folds only, and no each-way bets. */
function winOnly(payload: JsonObject): JsonObject {
  return { ...payload, eachWay: false };
}

/** The second version named no reason of a settlement; who decided stands in its market's events alone. */
function settledByResult(payload: JsonObject): JsonObject {
  return { ...decidedBySomebody(payload), reason: 'result' };
}

function decidedBySomebody(payload: JsonObject): JsonObject {
  return { ...payload, decidedBy: { role: 'system', id: 'not-recorded' } };
}

/** What the next version may say too, this one never did: shares of a leg, a second person, corrected odds, early payouts, moves, what was asked for. */
function unchanged(payload: JsonObject): JsonObject {
  return payload;
}
