// Older payloads brought to the newest schema, one version step at a time: `Type@version` -> payload of the next version.
// An entry is added with each new schema version and never removed; its stored sample proves that it works.

import type { JsonObject } from '../values/json.ts';

export const upcasters: ReadonlyMap<string, (payload: JsonObject) => JsonObject> = new Map([
  ['BetPlaced@1', winOnly],
  ['BetSettled@1', winOnly],
  ['BetSettlementReversed@1', winOnly],
  ['BetResultConfirmed@1', winOnly],
  ['BetVoided@1', winOnly],
  ['BetPlaced@2', asItWas],
  ['BetSettled@2', asItWas],
  ['BetSettlementReversed@2', asItWas],
  ['BetResultConfirmed@2', asItWas],
  ['BetVoided@2', asItWas],
  ['BetRefused@1', asItWas],
  ['MarketOpened@1', asItWas],
  ['MarketResulted@1', asItWas],
  ['MarketResultCorrected@1', asItWas],
]);

/** The next version can say more; what the older one said means the same there. */
function asItWas(payload: JsonObject): JsonObject {
  return payload;
}

/** The first version knew folds only, and no each-way bets. */
function winOnly(payload: JsonObject): JsonObject {
  return { ...payload, eachWay: false };
}
