// The hot state of an account as a snapshot: disposable, and ignored when schema or evolve have changed since.

import { canonicalJson, type JsonObject } from '@wagerline/shared-kernel/values/json';
import { sha256Hex } from '@wagerline/shared-kernel/values/ids';
import { freeBetKind } from '@wagerline/shared-kernel/events/account-events';
import { z } from 'zod';
import { evolveVersion, initial, type AccountState } from './state.ts';

const minor = z.int();
const limit = z.strictObject({ amountMinor: minor.nullable(), next: z.strictObject({ amountMinor: minor.nullable(), effectiveAt: z.string() }).nullable() });
const counter = z.strictObject({ period: z.string(), stakedMinor: minor, returnedMinor: minor, depositedMinor: minor });
const openBet = z.strictObject({ betId: z.string(), stakeMinor: minor, marketIds: z.array(z.string()) });
const freeBet = z.strictObject({ freeBetId: z.string(), kind: freeBetKind, amountMinor: minor, expiresAt: z.string() });

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
  freeBets: z.array(freeBet).exactOptional(),
  cappedDays: z.record(z.string(), z.strictObject({ returnsMinor: minor, withheldMinor: minor })).exactOptional(),
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
