// A made-up season for the tests of the runner: fixtures, their markets, accounts and bets with everything that can happen to them,
// in one global order. The same numbers give the same history.

import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { encode } from '@wagerline/shared-kernel/events/codec';
import type { NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import { accountStream, betIdOf, commandIdOf, fixtureStream, marketStream, uuidV5 } from '@wagerline/shared-kernel/values/ids';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import * as sample from './events.ts';

export type Happening = { readonly stream: string; readonly event: DomainEvent };
export type HistorySize = { readonly fixtures: number; readonly accounts: number; readonly bets: number; readonly seed: number };

const namespace = '5b0d6c9e-0f4a-4f3c-8a51-6b1f6f6f0b01';

/** Numbers in [0, 1), the same for the same seed (a linear congruential generator, good enough to mix things up). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function makeHistory({ fixtures, accounts, bets, seed }: HistorySize): readonly Happening[] {
  const next = numbersFrom(seed);
  const upTo = (count: number): number => Math.floor(next() * count);
  const happenings: Happening[] = [];
  const happens = (event: DomainEvent): void => void happenings.push({ stream: streamOf(event), event });
  const fixtureIds = Array.from({ length: fixtures }, (_, index) => `fixture.${index}`);
  const accountIds = Array.from({ length: accounts }, (_, index) => uuidV5(namespace, `${seed}/${index}`));

  for (const fixtureId of fixtureIds) {
    happens({ ...sample.fixtureScheduled, fixtureId, home: `Home ${fixtureId}`, competition: `league-${upTo(3)}` });
    happens({ ...sample.marketOpened, fixtureId, marketId: `${fixtureId}.1x2` });
  }
  for (const accountId of accountIds) {
    happens({ ...sample.accountOpened, accountId });
    happens({ ...sample.fundsDeposited, accountId, amountMinor: 10_000_000 });
  }
  const open: BetPlaced[] = [];
  for (let index = 0; index < bets; index += 1) {
    const accountId = accountIds[upTo(accounts)];
    assert(accountId !== undefined, 'there are accounts');
    const legCount = 1 + upTo(Math.min(3, fixtures));
    const first = upTo(fixtures);
    const legs = Array.from({ length: legCount }, (_, leg) => placedLeg(`fixture.${(first + leg) % fixtures}`, ['home', 'draw', 'away'][upTo(3)] ?? 'home'));
    const bet = betPlaced(accountId, index, legs, 100 + upTo(900));
    happens(bet);
    open.push(bet);
    const done = next() < 0.7 ? open.splice(upTo(open.length), 1)[0] : undefined;
    if (done !== undefined) for (const event of ending(done, upTo(4))) happens(event);
    if (next() < 0.05) for (const event of trading(fixtureIds[upTo(fixtures)] ?? '', upTo(3))) happens(event);
  }
  return happenings;
}

type BetPlaced = sample.EventNamed<'BetPlaced'>;

function betPlaced(accountId: string, index: number, legs: BetPlaced['legs'], stakeMinor: number): BetPlaced {
  const shape = { type: 'folds' as const, folds: [legs.length] };
  const terms = { accountId, betId: betIdOf(accountId, String(index)), unitStakeMinor: stakeMinor, stakeMinor, shape, returnMaxMinor: stakeMinor * 4 };
  return { ...sample.betPlaced, ...terms, legs };
}

function placedLeg(fixtureId: string, selectionId: string): BetPlaced['legs'][number] {
  return { ...sample.placedLeg, fixtureId, marketId: `${fixtureId}.1x2`, selectionId, competition: `league-${fixtureId.length % 3}` };
}

/** Won; lost; won, reversed and lost; voided by hand. */
function ending(bet: BetPlaced, kind: number): readonly DomainEvent[] {
  const { accountId, betId, unitStakeMinor, stakeMinor, shape, returnMaxMinor } = bet;
  const terms = { accountId, betId, unitStakeMinor, stakeMinor, shape, returnMaxMinor };
  const won = { ...sample.betSettled, ...terms, legs: sample.judgedLegs('won', 2, bet.legs), returnMinor: returnMaxMinor, returnExact: `${returnMaxMinor}/1` };
  const lost = { ...won, state: 'lost' as const, legs: sample.judgedLegs('lost', 3, bet.legs), returnMinor: 0, returnExact: '0/1' };
  if (kind === 0) return [won];
  if (kind === 1) return [lost];
  if (kind === 2) return [won, { ...sample.betReversed, ...terms, legs: lost.legs, returnMinor: returnMaxMinor }, { ...lost, settlement: 2 }];
  return [{ ...sample.betVoided, ...terms, legs: sample.judgedLegs('open', null, bet.legs) }];
}

function trading(fixtureId: string, kind: number): readonly DomainEvent[] {
  const market = { fixtureId, marketId: `${fixtureId}.1x2` };
  if (kind === 0) return [{ ...sample.pricesChanged, ...market }];
  if (kind === 1) return [{ ...sample.marketSuspended, ...market }, { ...sample.marketResumed, ...market }];
  return [{ type: 'FixtureRescheduled', at: sample.later, fixtureId, startsAt: sample.later }];
}

function streamOf(event: DomainEvent): string {
  if ('accountId' in event) return accountStream(event.accountId);
  return 'marketId' in event ? marketStream(event.marketId) : fixtureStream(event.fixtureId);
}

/** As handle-command would write it; `index` makes the event's id its own. */
export function encoded(event: DomainEvent, index: number): NewEvent {
  const commandId = commandIdOf('history', index);
  const actor = { role: 'system', id: 'history' } as const;
  return encode(event, { commandId, causationId: commandId, correlationId: commandId, traceparent: '', actor }, 0);
}
