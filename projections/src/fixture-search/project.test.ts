import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { FixtureDocument } from '@wagerline/shared-kernel/read-models/fixture-search';
import { expect, test } from 'vitest';
import { documentsAfter } from '../testing/document-after.ts';
import * as sample from '../testing/events.ts';
import { fixtureSearchProjection } from './project.ts';

const { fixtureId, sport, competition, home, away, startsAt } = sample.fixtureScheduled;
const { marketId } = sample.marketOpened;

const given = (...events: DomainEvent[]) => ({
  then: (document: FixtureDocument) => expect(documentsAfter(fixtureSearchProjection, events)).toEqual(new Map([[`fixtures/${fixtureId}`, document]])),
});

const scheduled: FixtureDocument = { fixtureId, sport, competition, home, away, startsAt, status: 'scheduled', score: null, markets: [], counter: 1 };
const market = { marketId, kind: 'match-result' as const, line: null, inPlay: false, status: 'open' as const };
const withMarket: FixtureDocument = { ...scheduled, markets: [market], counter: 2 };

test('a scheduled fixture', () => given(sample.fixtureScheduled).then(scheduled));

test('a rescheduled fixture', () =>
  given(sample.fixtureScheduled, { type: 'FixtureRescheduled', at: sample.at, fixtureId, startsAt: '2019-08-10T19:00:00.000Z' }).then({
    ...scheduled,
    startsAt: '2019-08-10T19:00:00.000Z',
    counter: 2,
  }));

test('a started fixture', () =>
  given(sample.fixtureScheduled, { type: 'FixtureStarted', at: sample.later, fixtureId }).then({ ...scheduled, status: 'started', counter: 2 }));

test('an ended fixture has its score', () =>
  given(
    sample.fixtureScheduled,
    { type: 'FixtureStarted', at: sample.later, fixtureId },
    { type: 'FixtureEnded', at: sample.later, fixtureId, score: { home: 4, away: 1 } },
  ).then({ ...scheduled, status: 'ended', score: { home: 4, away: 1 }, counter: 3 }));

test('an abandoned fixture', () =>
  given(sample.fixtureScheduled, { type: 'FixtureAbandoned', at: sample.later, fixtureId, reason: 'fog' }).then({
    ...scheduled,
    status: 'abandoned',
    counter: 2,
  }));

test('an open market joins its fixture, sorted by id', () => {
  given(sample.fixtureScheduled, sample.marketOpened).then(withMarket);
  const totals = { ...sample.marketOpened, marketId: 'liverpool-norwich.0', kind: 'total-goals' as const, line: '2.5' };
  given(sample.fixtureScheduled, sample.marketOpened, totals).then({
    ...scheduled,
    markets: [{ ...market, marketId: 'liverpool-norwich.0', kind: 'total-goals', line: '2.5' }, market],
    counter: 3,
  });
});

test.each<[DomainEvent, FixtureDocument['markets'][number]['status']]>([
  [sample.marketSuspended, 'suspended'],
  [sample.marketClosed, 'closed'],
  [sample.marketResulted, 'resulted'],
  [sample.marketResultCorrected, 'resulted'],
  [sample.marketVoided, 'voided'],
])('$type shows as the status of the market', (event, status) =>
  given(sample.fixtureScheduled, sample.marketOpened, event).then({ ...withMarket, markets: [{ ...market, status }], counter: 3 }),
);

test('a resumed market is open', () =>
  given(sample.fixtureScheduled, sample.marketOpened, sample.marketSuspended, sample.marketResumed).then({ ...withMarket, counter: 4 }));

test('a market that comes before its fixture makes a stub, which the fixture completes', () => {
  given(sample.marketOpened).then({
    ...withMarket,
    sport: '',
    competition: '',
    home: '',
    away: '',
    startsAt: '',
    status: 'unknown',
    counter: 1,
  });
  given(sample.marketOpened, sample.fixtureScheduled).then(withMarket);
});

test('events of other kinds touch no fixture', () => {
  expect(documentsAfter(fixtureSearchProjection, [sample.pricesChanged, sample.betPlaced])).toEqual(new Map());
});

test('nothing happens to a market that was never opened', () => {
  expect(() => documentsAfter(fixtureSearchProjection, [sample.fixtureScheduled, sample.marketClosed])).toThrow('a market is opened before');
});

test('a postponed fixture, until it has a date again', () => {
  const postponed: DomainEvent = { type: 'FixturePostponed', at: sample.at, fixtureId, reason: 'snow' };
  given(sample.fixtureScheduled, postponed).then({ ...scheduled, status: 'postponed', counter: 2 });
  const again: DomainEvent = { type: 'FixtureRescheduled', at: sample.at, fixtureId, startsAt: '2019-08-10T19:00:00.000Z' };
  given(sample.fixtureScheduled, postponed, again).then({ ...scheduled, startsAt: '2019-08-10T19:00:00.000Z', counter: 3 });
});
