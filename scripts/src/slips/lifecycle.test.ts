// Histories whose results change: examples by hand, then random ones in every order. The final state depends on the set of messages alone.

import { expect, test } from 'vitest';
import { seededRandom, type Random } from '../season/random.ts';
import { Lifecycle, type BetStanding } from './lifecycle-lines.ts';

type Line = { readonly bet: object; readonly acceptedAt: number } | { readonly feed: object };

const leg = (fixture: string, selection = 'S1', odds = '2') => ({ odds, fixture, market: 'M1', selection });
const bet = (id: string, acceptedAt: number, type: string, legs: readonly object[], more: object = {}): Line => ({
  bet: { id, currency: 'GBP', unitStake: '10', bet: { type }, legs, ...more },
  acceptedAt,
});
const feed = (type: string, fixture: string, timestamp: number, more: object = {}): Line => ({
  feed: { type, product: 1, fixture, market: 'M1', specifiers: '', timestamp, ...more },
});
const settled = (fixture: string, timestamp: number, result: 0 | 1, certainty: 1 | 2 = 1): Line =>
  feed('settlement', fixture, timestamp, { certainty, outcomes: [{ selection: 'S1', result }, { selection: 'S2', result: 1 - result }] });

function replayed(lines: readonly Line[], afterEach: (lifecycle: Lifecycle) => void = () => undefined) {
  const lifecycle = new Lifecycle();
  for (const line of lines) {
    lifecycle.line(JSON.stringify(line));
    afterEach(lifecycle);
  }
  return [...lifecycle.standings()];
}

test('won, lost, won: three settlements and two reversals; confirmed again: nothing', () => {
  const results = [settled('F1', 2_000, 1), settled('F1', 2_100, 0), settled('F1', 2_200, 1), settled('F1', 2_200, 1, 2)];
  const history = [bet('b1', 1_000, 'single', [leg('F1')]), ...results];
  expect(replayed([...history, ...history.slice(1)])).toEqual([{ id: 'b1', state: 'returned', returnExact: '20', return: '20', settlements: 3, reversals: 2 }]);
});

test('taken back and not settled again: a reversal alone', () => {
  const history = [bet('b1', 1_000, 'single', [leg('F1')]), settled('F1', 2_000, 1), feed('rollback-settlement', 'F1', 2_001)];
  expect(replayed(history)).toEqual([{ id: 'b1', state: 'open', returnExact: '0', return: '0', settlements: 1, reversals: 1 }]);
});

test('a cancel window takes the bet on its start and not the one on its end, and its rollback gives it back', () => {
  const history = [
    bet('start', 1_000, 'single', [leg('F1')]),
    bet('end', 2_000, 'single', [leg('F1')]),
    settled('F1', 3_000, 1),
    feed('cancel', 'F1', 4_000, { start: 1_000, end: 2_000 }),
  ];
  expect(replayed(history)).toMatchObject([
    { id: 'start', state: 'void', return: '10', settlements: 2, reversals: 1 },
    { id: 'end', return: '20', settlements: 1 },
  ]);
  const undone = [...history, feed('rollback-cancel', 'F1', 4_000, { start: 1_000, end: 2_000 })];
  expect(replayed(undone)).toMatchObject([{ state: 'returned', return: '20', settlements: 3, reversals: 2 }, { settlements: 1, reversals: 0 }]);
});

test('a multiple is lost with its first lost leg, and what comes later confirms it', () => {
  const history = [bet('b1', 1_000, 'double', [leg('F1'), leg('F2')]), settled('F1', 2_000, 0), settled('F2', 2_000, 1)];
  expect(replayed(history)).toEqual([{ id: 'b1', state: 'lost', returnExact: '0', return: '0', settlements: 1, reversals: 0 }]);
});

test('a winner at a starting price that nobody says stays open, a loser does not', () => {
  const unpriced = { ...leg('F1'), odds: 'SP' };
  const history = [bet('none', 1_000, 'single', [unpriced]), bet('said', 1_000, 'single', [{ ...unpriced, startingOdds: '3' }])];
  expect(replayed([...history, settled('F1', 2_000, 1)])).toMatchObject([{ state: 'open', settlements: 0 }, { state: 'returned', return: '30' }]);
  expect(replayed([...history, settled('F1', 2_000, 0)])).toMatchObject([{ state: 'lost' }, { state: 'lost' }]);
});

test('a broken line is answered in its place and changes nothing', () => {
  const good = bet('b1', 1_000, 'single', [leg('F1')]);
  const unmatched = bet('b2', 1_000, 'single', [{ odds: '2', fixture: 'F1', market: 'M1' }]);
  const history = [good, { feed: { type: 'settled' } }, good, unmatched, settled('F1', 2_000, 1)];
  expect(replayed(history)).toMatchObject([
    { id: 'b1', return: '20' },
    { id: null, error: { code: 'BODY_INVALID', pointer: '/feed/type' } },
    { id: 'b1', error: { code: 'BODY_INVALID', pointer: '/bet/id' } },
    { id: 'b2', error: { code: 'LEGS_INVALID', pointer: '/bet/legs/0/selection' } },
  ]);
  const resulted = replayed([bet('b3', 1, 'single', [{ ...leg('F1'), result: 'won' }])]);
  expect(resulted).toMatchObject([{ id: 'b3', error: { code: 'RESULT_INVALID', pointer: '/bet/legs/0/result' } }]);
});

const moves = { rules: { supercededBy: 'move' } };

test('a replaced season: the leg goes on in the other one by the rules of its bet, and comes back with the rollback', () => {
  const history = [
    bet('moved', 1_000, 'single', [leg('F1')], moves),
    bet('void', 1_000, 'single', [leg('F1')]),
    feed('cancel', 'F1', 2_000, { supercededBy: 'F8' }),
    feed('cancel', 'F8', 2_000, { supercededBy: 'F9' }),
    settled('F9', 2_001, 1),
  ];
  expect(replayed(history)).toMatchObject([{ id: 'moved', state: 'returned', return: '20', settlements: 1 }, { id: 'void', state: 'void', return: '10' }]);
  expect(replayed([...history, feed('rollback-cancel', 'F1', 2_002)])).toMatchObject([{ state: 'open', reversals: 1 }, { state: 'open', reversals: 1 }]);
  const held = [...history, settled('F9', 2_001, 0), settled('F1', 2_001, 1)];
  replayed(held, (lifecycle) => held.length > 0 && expect(lifecycle.heldMarkets().every((market) => market === 'F9 M1')).toBe(true));
});

/** Singles on both edges of a window, multiples over all fixtures, and a feed that contradicts, repeats and takes back itself. */
function randomHistory(random: Random): { readonly bets: readonly Line[]; readonly feed: readonly Line[] } {
  const fixtures = ['F1', 'F2', 'F3'];
  const [start, end] = [1_000, 1_000 + random.below(3)];
  const bets = [
    bet('start', start, 'single', [leg('F1')]),
    bet('end', end, 'single', [leg('F1')]),
    bet('treble', end, 'treble', fixtures.map((fixture) => leg(fixture, random.pick(['S1', 'S2'])))),
    bet('cover', start, 'patent', fixtures.map((fixture) => ({ ...leg(fixture, 'S1', '3.3'), placeFraction: '1/4' })), { eachWay: true }),
    bet('moved', end, 'double', [leg('F1'), leg('F2')], moves),
    bet('moved-alone', start, 'single', [leg('F3')], moves),
    bet('about', start, 'double-stakes-about', [leg('F1'), leg('F2', 'S2', '1.5')]),
  ];
  const named = (): object => random.pick([{}, { supercededBy: 'F9' }, { supercededBy: 'F9' }, { supercededBy: random.pick(['F1', 'F2', 'F8']) }]);
  const window = (): object => random.pick([{}, { start, end }, { start }, { end }]);
  const anyMessage = (): Line => {
    const [fixture, timestamp] = [random.pick([...fixtures, ...fixtures, 'F9']), 2_000 + random.below(6)];
    switch (random.below(6)) {
      case 0:
        return feed('rollback-settlement', fixture, timestamp, random.pick([{}, { outcomes: [{ selection: 'S1' }] }]));
      case 1:
        return feed('cancel', fixture, timestamp, { ...window(), ...named() });
      case 2:
        return feed('rollback-cancel', fixture, timestamp, window());
      default:
        return settled(fixture, timestamp, random.pick([0, 1]), random.pick([1, 2]));
    }
  };
  const changing = [settled('F1', 2_000, 1), settled('F1', 2_001, 0), settled('F1', 2_002, 1)];
  const sameTime = [settled('F2', 2_003, 1), feed('rollback-settlement', 'F2', 2_003)];
  const always = [feed('cancel', 'F1', 2_001, { start, end }), feed('rollback-settlement', 'F3', 1_999), ...sameTime];
  return { bets, feed: random.shuffled([...changing, ...always, ...Array.from({ length: 2 + random.below(10) }, anyMessage)]) };
}

test('2,000 random histories: any order and any repetition ends in the same state', { timeout: 120_000 }, () => {
  const random = seededRandom(380_1270);
  for (let round = 0; round < 2_000; round += 1) {
    const history = randomHistory(random);
    const ordered = replayed([...history.bets, ...history.feed]);
    const from = random.below(history.feed.length);
    const replay = history.feed.slice(from, from + 1 + random.below(history.feed.length));
    const other = replayed([...history.bets, ...random.shuffled([...history.feed, ...replay]), ...replay], round % 20 === 0 ? hasOneInForce : undefined);
    expect(other.map(stateOf), `round ${round}: ${JSON.stringify(history)}`).toEqual(ordered.map(stateOf));
  }
});

/** Settlements less reversals is what is in force: one for a decided bet, none for an open one. */
function hasOneInForce(lifecycle: Lifecycle): void {
  for (const standing of lifecycle.standings()) {
    if ('error' in standing) throw new Error(JSON.stringify(standing));
    if (standing.settlements - standing.reversals !== (standing.state === 'open' ? 0 : 1)) throw new Error(`not one in force: ${JSON.stringify(standing)}`);
  }
}

function stateOf(standing: BetStanding | { readonly error: object }) {
  if ('error' in standing) throw new Error(JSON.stringify(standing));
  const { id, state, returnExact, return: paid } = standing;
  return { id, state, returnExact, paid };
}
