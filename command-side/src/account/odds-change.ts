// Is a price that is not the one that the bettor saw taken all the same? Of a leg, and of the selections of a bet builder together. Called by
// place-bet.ts and quote-bet.ts. Pure.

import type { OddsChangePolicy } from '@wagerline/shared-kernel/events/account-events';
import type { ProblemCode } from '@wagerline/shared-kernel/problems';
import { formatStoredOdds, parseStoredOdds } from '@wagerline/shared-kernel/values/odds';
import { compare } from '@wagerline/shared-kernel/values/rational';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { Offer, Slip } from './commands.ts';

type Refused = { readonly code: ProblemCode; readonly detail: Readonly<Record<string, string>> };

/** `change`: 1 when the odds have become better for the bettor, -1 when worse. */
export function isTaken(policy: OddsChangePolicy, change: -1 | 0 | 1): boolean {
  switch (policy) {
    case 'none':
      return change === 0;
    case 'better':
      return change >= 0;
    case 'any':
      return true;
    default:
      return unreachable(policy);
  }
}

/** Its selections are of one fixture and have a price together, which the odds-change policy is about. */
export function refusalOfBuilder({ builder, oddsChangePolicy }: Slip, judged: readonly { readonly offer: Offer }[]): Refused | undefined {
  if (builder === undefined) return undefined;
  const elsewhere = judged.findIndex(({ offer }) => offer.fixture.fixtureId !== judged[0]?.offer.fixture.fixtureId);
  if (elsewhere >= 0) return { code: 'LEGS_INVALID', detail: { pointer: `/legs/${elsewhere}` } };
  const { requestedOdds, offeredOdds } = builder;
  if (offeredOdds === undefined) return { code: 'BUILDER_NOT_OFFERED', detail: { pointer: '/legs' } };
  const isSame = offeredOdds === requestedOdds;
  if (isSame || isTaken(oddsChangePolicy, compare(parseStoredOdds(offeredOdds), parseStoredOdds(requestedOdds)))) return undefined;
  const shown = { requestedOdds: formatStoredOdds(requestedOdds), currentOdds: formatStoredOdds(offeredOdds) };
  return { code: 'ODDS_CHANGED', detail: { pointer: '/combinedOdds', ...shown } };
}
