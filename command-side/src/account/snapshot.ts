// The hot state of an account as a snapshot: disposable, and ignored when schema or evolve have changed since.

import { canonicalJson, type JsonObject } from '@wagerline/shared-kernel/values/json';
import { sha256Hex } from '@wagerline/shared-kernel/values/ids';
import { z } from 'zod';
import { evolveVersion, initial, type AccountState } from './state.ts';

const minor = z.int();
const limit = z.strictObject({ amountMinor: minor.nullable(), next: z.strictObject({ amountMinor: minor.nullable(), effectiveAt: z.string() }).nullable() });
const counter = z.strictObject({ period: z.string(), stakedMinor: minor, returnedMinor: minor, depositedMinor: minor });
const openBet = z.strictObject({ betId: z.string(), stakeMinor: minor, marketIds: z.array(z.string()) });

const snapshot = z.strictObject({
  accountId: z.string(),
  currency: z.string(),
  brand: z.string(),
  jurisdiction: z.string(),
  balanceMinor: minor,
  limits: z.record(z.string(), limit),
  counters: z.strictObject({ day: counter, week: counter, month: counter }),
  excludedUntil: z.string().nullable().optional(),
  openBets: z.array(openBet),
});

export const accountSnapshots = {
  version: sha256Hex(`${evolveVersion}:${JSON.stringify(z.toJSONSchema(snapshot))}`),

  toJson(state: AccountState): JsonObject {
    if (state.status === 'absent') return {};
    const { status: _, ...plain } = state;
    return plain;
  },

  fromJson(json: JsonObject): AccountState {
    if (canonicalJson(json) === '{}') return initial;
    const { excludedUntil, ...plain } = snapshot.parse(json);
    return { status: 'open', ...plain, ...(excludedUntil !== undefined && { excludedUntil }) };
  },
};
