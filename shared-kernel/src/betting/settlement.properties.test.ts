// Laws that hold for bets of every shape, and the algebra of their lines against a plain enumeration.

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { add, compare, equals, max, multiply, one, rational, subtract, zero, type Rational } from '../values/rational.ts';
import { explain } from './explanation.ts';
import { exact } from './legs.ts';
import { quote, settle } from './settlement.ts';
import { prepareBet } from './terms.ts';
import { accepted, decidedResults, enumerated, exactReturn, listedLines, samples, seeded, type Sample } from './testing-terms.ts';

const sum = (numbers: readonly Rational[]): Rational => numbers.reduce(add, zero);
const settled = ({ terms, outcomes }: Sample) => accepted(settle(terms, outcomes));
const returned = (sample: Sample): Rational => exactReturn(settled(sample));
const unit = ({ terms }: Sample): Rational => rational(BigInt(terms.unitStakeMinor));
const withTerms = (sample: Sample, terms: Partial<Sample['terms']>): Sample => ({ ...sample, terms: { ...sample.terms, ...terms } });
const withRules = (sample: Sample, rules: Sample['terms']['rules']): Sample => withTerms(sample, { rules: { ...sample.terms.rules, ...rules } });
const never = fc.constant(false);

test('the algebra gives what listing every line gives', () => {
  fc.assert(
    fc.property(samples(decidedResults, never), (sample) => {
      expect(returned(sample)).toEqual(multiply(unit(sample), sum(enumerated(sample, 'win'))));
      const { plain, carried } = listedLines(sample.terms.shape, sample.terms.legs.length);
      expect(accepted(quote(sample.terms)).lines).toBe(plain.length + carried.length);
    }),
    seeded,
  );
});

test('lines of related legs are left out as if they had never been struck', () => {
  const fixtures = fc.array(fc.constantFrom('F1', 'F2', 'F3'), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(samples(decidedResults, never), fixtures, (sample, named) => {
      const fixtureOf = (leg: number): string => named[leg] ?? '';
      const legs = sample.terms.legs.map((leg, index) => ({ ...leg, fixture: fixtureOf(index) }));
      const skipping = withRules(withTerms(sample, { legs }), { related: 'skip' });
      const isPlayed = (line: readonly number[]): boolean => new Set(line.map(fixtureOf)).size === line.length;
      const expected = enumerated(sample, 'win', isPlayed);
      const { plain, carried } = listedLines(sample.terms.shape, legs.length);
      const struck = plain.length + carried.length;
      const bet = prepareBet(skipping.terms);
      if (expected.length === 0) expect(bet).toMatchObject({ code: 'LEGS_RELATED' });
      else {
        expect(accepted(bet).lines).toBe(expected.length);
        expect(returned(skipping)).toEqual(multiply(unit(sample), sum(expected)));
      }
      const refusing = prepareBet({ ...skipping.terms, rules: {} });
      if (expected.length < struck) expect(refusing).toMatchObject({ code: 'LEGS_RELATED' });
      else expect(accepted(refusing).lines).toBe(struck);
    }),
    seeded,
  );
});

test('each-way is the win bet and the place bet, apart from any-to-come lines that carry both', () => {
  fc.assert(
    fc.property(samples(decidedResults, never), (sample) => {
      const eachWay = withRules(withTerms(sample, { eachWay: true }), { anyToComeEachWay: 'separate' });
      expect(returned(eachWay)).toEqual(add(returned(sample), returned(withRules(sample, { placeOnly: true }))));
    }),
    seeded,
  );
});

test('rounded per bet: less than one minor unit away; per line: less than one for each line', () => {
  const modes = fc.constantFrom('half-even', 'half-up', 'down', 'up');
  fc.assert(
    fc.property(samples(decidedResults), modes, fc.constantFrom('bet', 'line'), (sample, rounding, roundPer) => {
      const bet = withRules(sample, { rounding, roundPer });
      const { payout } = settled(bet);
      const off = subtract(payout.rounded, payout.capped);
      const bound = rational(roundPer === 'bet' ? 1n : BigInt(accepted(quote(bet.terms)).lines));
      expect(compare(max(off, subtract(zero, off)), bound)).toBe(-1);
    }),
    seeded,
  );
});

test('rounded per line is every line rounded', () => {
  fc.assert(
    fc.property(samples(decidedResults, never), (sample) => {
      const lines = enumerated(sample, 'win').map((units) => multiply(unit(sample), units));
      const down = lines.map(({ n, d }) => rational(n / d));
      expect(settled(withRules(sample, { rounding: 'down', roundPer: 'line' })).payout.rounded).toEqual(sum(down));
    }),
    seeded,
  );
});

test('a free bet pays each line without its stake, and never more than cash', () => {
  fc.assert(
    fc.property(samples(decidedResults, never), (sample) => {
      const free = withTerms(sample, { freeBet: 'stake-not-returned' });
      const expected = enumerated(sample, 'win').map((units) => max(zero, subtract(units, one)));
      expect(returned(free)).toEqual(multiply(unit(sample), sum(expected)));
      expect(compare(returned(free), returned(sample))).not.toBe(1);
    }),
    seeded,
  );
});

test('longer odds on a leg that won never return less', () => {
  fc.assert(
    fc.property(samples(decidedResults), fc.nat(5), fc.integer({ min: 1, max: 900 }), (sample, place, more) => {
      const index = place % sample.terms.legs.length;
      fc.pre(sample.outcomes[index]?.result === 'won');
      const legs = sample.terms.legs.map((leg, at) => {
        if (at !== index) return leg;
        const { n, d } = add(exact(leg.odds), rational(BigInt(more), 100n));
        return { ...leg, odds: `${n}/${d}` };
      });
      expect(compare(returned(withTerms(sample, { legs })), returned(sample))).not.toBe(-1);
    }),
    seeded,
  );
});

test('the order of the legs does not matter where the shape moves with them', () => {
  fc.assert(
    fc.property(samples(decidedResults), fc.infiniteStream(fc.nat()), (sample, keys) => {
      const order = sample.terms.legs.map((_, index) => ({ index, key: keys.next().value ?? 0 })).toSorted((a, b) => a.key - b.key).map(({ index }) => index);
      const moved = (leg: number): number => order.indexOf(leg);
      const { shape } = sample.terms;
      const shapeMoved =
        shape.type === 'lines'
          ? { ...shape, lines: shape.lines.map((line) => line.map(moved)) }
          : shape.type === 'folds'
            ? {
                ...shape,
                ...(shape.bankers === undefined ? {} : { bankers: shape.bankers.map(moved) }),
                ...(shape.groups === undefined ? {} : { groups: shape.groups.map((group) => group.map(moved)) }),
              }
            : shape;
      const pick = <Item>(items: readonly Item[]): Item[] => order.flatMap((index) => items[index] ?? []);
      const shuffled = { terms: { ...sample.terms, shape: shapeMoved, legs: pick(sample.terms.legs) }, outcomes: pick(sample.outcomes) };
      const [before, after] = [settled(sample), settled(shuffled)];
      expect([after.state, after.payout.capped, after.payout.rounded]).toEqual([before.state, before.payout.capped, before.payout.rounded]);
    }),
    seeded,
  );
});

test('a union jack is the same board turned or mirrored', () => {
  const legs = fc.array(fc.integer({ min: 101, max: 900 }), { minLength: 9, maxLength: 9 });
  const outcomes = fc.array(fc.record({ result: fc.constantFrom(...decidedResults) }), { minLength: 9, maxLength: 9 });
  const turned = [6, 3, 0, 7, 4, 1, 8, 5, 2];
  const mirrored = [2, 1, 0, 5, 4, 3, 8, 7, 6];
  const jacks = fc.constantFrom('treble', 'trixie', 'patent', 'round-robin');
  fc.assert(
    fc.property(legs, outcomes, jacks, fc.boolean(), fc.constantFrom(turned, mirrored), (prices, results, each, eachWay, order) => {
      const terms = { currency: 'GBP', unitStakeMinor: 100, eachWay, shape: { type: 'union-jack', each }, ruleSet: 'standard@1', rules: {} } as const;
      const board = prices.map((hundredths) => ({ odds: `${hundredths}/100`, placeFraction: '1/4' }));
      const pick = <Item>(items: readonly Item[]): Item[] => order.flatMap((cell) => items[cell] ?? []);
      const before = { terms: { ...terms, legs: board }, outcomes: results };
      expect(returned({ terms: { ...terms, legs: pick(board) }, outcomes: pick(results) })).toEqual(returned(before));
    }),
    { ...seeded, numRuns: 50 },
  );
});

test('a void leg: an accumulator is the one without it; a full cover is twice the one without it and its own single', () => {
  fc.assert(
    fc.property(samples(decidedResults, never), (sample) => {
      const legCount = sample.terms.legs.length;
      const folds = (count: number, from: number): Sample['terms']['shape'] => ({
        type: 'folds',
        folds: Array.from({ length: count - from + 1 }, (_, index) => from + index),
      });
      const legs = [...sample.terms.legs, { odds: '3' }];
      const withVoid = { terms: { ...sample.terms, legs }, outcomes: [...sample.outcomes, { result: 'void' as const }] };
      const accumulator = withTerms(sample, { shape: folds(legCount, legCount) });
      expect(returned(withTerms(withVoid, { shape: folds(legCount + 1, legCount + 1) }))).toEqual(returned(accumulator));
      const cover = returned(withTerms(sample, { shape: folds(legCount, 1) }));
      expect(returned(withTerms(withVoid, { shape: folds(legCount + 1, 1) }))).toEqual(add(add(cover, cover), unit(sample)));
    }),
    seeded,
  );
});

test('the amounts of the explanation add up to the return', () => {
  const rules = fc.constantFrom<Sample['terms']['rules']>(
    {},
    { roundPer: 'line', rounding: 'up' },
    { eachWayFormula: 'equally-divided', anyToComeEachWay: 'win-first' },
    { returnCap: '10', allWinners: { percent: '10' }, oneWinner: { multiplier: '3' }, bonusMax: '1', roundTo: '0.05' },
  );
  const free = fc.constantFrom<Pick<Sample['terms'], 'freeBet'>>({}, { freeBet: 'stake-not-returned' });
  fc.assert(
    fc.property(samples([...decidedResults, 'open']), rules, free, (sample, agreed, freeBet) => {
      const bet = withRules(withTerms(sample, freeBet), agreed);
      const amounts = accepted(explain(bet.terms, bet.outcomes)).map(({ amount }) => amount);
      expect(equals(sum(amounts), settled(bet).payout.rounded)).toBe(true);
    }),
    seeded,
  );
});

test('knowing one more result never takes away what was certain, nor adds to what was possible', () => {
  const modes = fc.constantFrom('pooled', 'part-capped', 'win-first', 'separate');
  fc.assert(
    fc.property(samples([...decidedResults, 'open', 'open']), modes, fc.constantFrom(...decidedResults), (sample, anyToComeEachWay, result) => {
      const index = sample.outcomes.findIndex((outcome) => outcome.result === 'open');
      fc.pre(index >= 0);
      const bet = withRules(sample, { anyToComeEachWay });
      const outcomes = bet.outcomes.map((outcome, place) => (place === index ? { ...outcome, result, winDeadHeat: '1', placeDeadHeat: '1' } : outcome));
      const fair = bet.outcomes.map((outcome, place) => (place === index ? { ...outcome, winDeadHeat: '1', placeDeadHeat: '1' } : outcome));
      const [before, after] = [settled({ ...bet, outcomes: fair }), settled({ ...bet, outcomes })];
      expect(compare(after.payout.capped, before.payout.capped)).not.toBe(-1);
      expect(compare(after.returnMax ?? zero, before.returnMax ?? zero)).not.toBe(1);
      if (before.state !== 'open') expect(after.payout.capped).toEqual(before.payout.capped);
    }),
    seeded,
  );
});
