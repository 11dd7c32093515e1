// Every event that was ever written can still be read: one stored sample per (type, version), which is never deleted.

import { describe, expect, test } from 'vitest';
import { settleBet } from '../betting/settle.ts';
import { eventSamples } from '../testing/event-samples.ts';
import { formatRational } from '../values/rational.ts';
import { catalogue } from './catalogue.ts';
import { decode, encode } from './codec.ts';
import { marketsOf } from './markets-of.ts';
import { eventMetadata } from './metadata.ts';
import { postings } from './postings.ts';
import { upcasters } from './upcasters.ts';

const samples = eventSamples();
const files = samples.map(({ file }) => file);

test('every type has a sample of its newest version, and every upcaster one of the version that it takes', () => {
  const newest = [...catalogue].map(([type, { version }]) => `${type}@${version}.json`);
  const older = [...upcasters.keys()].map((step) => `${step}.json`);
  expect(files).toEqual([...newest, ...older].sort());
});

describe.each(samples)('$file', ({ file, recorded }) => {
  const [type = '', version] = file.replace('.json', '').split('@');
  const event = decode(recorded);

  test('is of the type and version that its name says', () => {
    expect([recorded.type, recorded.metadata['schemaVersion']]).toEqual([type, Number(version)]);
  });
  test('becomes an event of the newest schema', () => {
    const { type: _, at, ...payload } = event;
    expect(at).toBe(recorded.metadata['at']);
    expect(catalogue.get(type)?.payload.parse(payload)).toEqual(payload);
  });
  test('is written as it was read, when it is of the newest version', () => {
    if (Number(version) !== catalogue.get(type)?.version) return;
    const { schemaVersion: _, at: _at, ...context } = eventMetadata.parse(recorded.metadata);
    const again = encode(event, context, 0);
    expect({ ...again, id: recorded.id }).toEqual({ id: recorded.id, type, data: recorded.data, metadata: recorded.metadata });
  });
  test('balances to zero in each currency', () => {
    const sums = new Map<string, number>();
    for (const { currency, amountMinor } of postings(event)) sums.set(currency, (sums.get(currency) ?? 0) + amountMinor);
    expect([...sums.values()].filter((sum) => sum !== 0)).toEqual([]);
  });
});

test('the events that move money, and who holds more after each', () => {
  const moved = samples.map(({ recorded }) => {
    const lines = postings(decode(recorded)).map(({ account, amountMinor }) => `${account.split(':')[0] ?? ''} ${amountMinor}`);
    return [recorded.type, lines] as const;
  });
  expect(Object.fromEntries(moved.filter(([, lines]) => lines.length !== 0))).toEqual({
    FundsDeposited: ['bettor 1000', 'payments -1000'],
    FundsWithdrawn: ['bettor -1000', 'payments 1000'],
    BetPlaced: ['bettor -1500', 'open-stakes 1500'],
    BetSettled: ['bettor 2148', 'open-stakes -1500', 'house -648'],
    BetSettlementReversed: ['bettor -2148', 'open-stakes 1500', 'house 648'],
    BetVoided: ['bettor 1500', 'open-stakes -1500'],
    DailyCapApplied: ['bettor -100000', 'house 100000'],
  });
});

test('the markets that each event touches', () => {
  const [home, away] = ['E0-2019-08-09-Liverpool-Norwich.match-result', 'E0-2019-08-10-West-Ham-Man-City.asian-handicap.1.75'];
  const touched = samples.map(({ recorded }) => [recorded.type, marketsOf(recorded)]);
  const moved = 'E0-2020-08-09-Liverpool-Norwich.match-result';
  // Where the sample's leg has moved to; the newest version of a type is the last one here.
  const settled = ['BetSettled', 'BetSettlementReversed', 'BetVoided'].map((type) => [type, [moved, away]]);
  const bets = [['BetPlaced', [home, away]], ['BetMoved', [home, moved]], ...settled];
  const ofMarkets = /^(Market|Prices|AntePost|PlaceTerms|Selection|StartingPrices|PriceError|OutcomePaid)/;
  const trading = samples.map(({ recorded }) => recorded.type).filter((type) => ofMarkets.test(type)).map((type) => [type, [home]]);
  expect(Object.fromEntries(touched.filter(([, markets]) => markets?.length !== 0))).toEqual(Object.fromEntries([...bets, ...trading]));
});

test('a market that is in a bet twice is touched once', () => {
  const placed = samples.find(({ recorded }) => recorded.type === 'BetPlaced')?.recorded;
  const event = placed && decode(placed);
  if (placed === undefined || event?.type !== 'BetPlaced') throw new Error('there is a sample of BetPlaced');
  const [leg] = event.legs;
  expect(marketsOf({ ...placed, data: { ...placed.data, legs: leg === undefined ? [] : [leg, leg] } })).toEqual([leg?.marketId]);
});

test('an event that nobody knows stays with its own market', () => {
  const unknown = { id: 'x', type: 'MarketMoved', data: {}, metadata: { schemaVersion: 1 }, revision: 0, position: 1 };
  expect(marketsOf({ ...unknown, stream: 'market-m1' })).toEqual(['m1']);
  expect(marketsOf({ ...unknown, stream: 'account-a1' })).toEqual([]);
});

test('bets of before shapes and each-way are folds, win only, and settle as they did', () => {
  const older = samples.filter(({ recorded }) => recorded.type.startsWith('Bet') && recorded.metadata['schemaVersion'] === 1);
  const [settled] = older.map(({ recorded }) => decode(recorded)).filter((event) => event.type === 'BetSettled');
  if (settled === undefined) throw new Error('there is a sample of the first version of BetSettled');
  expect(settled).toMatchObject({ shape: { type: 'folds', folds: [2] }, eachWay: false, returnMinor: 841 });
  const { state, returnExact, returnMinor } = settleBet(settled);
  expect({ state, returnExact: formatRational(returnExact), returnMinor }).toEqual({ state: 'returned', returnExact: '3363/4', returnMinor: 841 });
});
