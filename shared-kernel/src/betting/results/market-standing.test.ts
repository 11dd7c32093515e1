import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FeedMessage } from './feed-message.ts';
import type { SelectionOutcome } from './feed-outcome.ts';
import { outcomeIn, standingOf } from './market-standing.ts';
import { ResultRegister } from './register.ts';

const market = { product: 1, fixture: 'F1', market: 'M1' };
const selections = ['S1', 'S2'];

test('nothing is known before the first message', () => {
  expect(standingOf([], ['S1'])).toEqual({ results: [{ selectionId: 'S1', result: 'open' }], cancelled: [], held: false });
});

test('a live result is no confirmed one', () => {
  const live: FeedMessage = { ...market, specifiers: '', type: 'settlement', certainty: 1, timestampMs: 1, outcomes: [{ selection: 'S1', result: 1 }] };
  expect(standingOf([live], ['S1']).results).toEqual([{ selectionId: 'S1', result: 'won', confirmed: { result: 'open' } }]);
  expect(standingOf([live, { ...live, certainty: 2 }], ['S1']).results).toEqual([{ selectionId: 'S1', result: 'won' }]);
});

const times = fc.integer({ min: 1, max: 5 });
const bound = fc.option(fc.integer({ min: 10, max: 12 }), { nil: undefined });
const outcome = fc.record({
  selection: fc.constantFrom(...selections),
  result: fc.constantFrom<0 | 1 | -1>(0, 1, -1),
  voidFactor: fc.constantFrom('0', '0.5', '1'),
  deadHeatFactor: fc.constantFrom('1', '0.5'),
});
const message: fc.Arbitrary<FeedMessage> = fc
  .record({
    type: fc.constantFrom<FeedMessage['type']>('settlement', 'settlement', 'rollback-settlement', 'cancel', 'rollback-cancel'),
    specifiers: fc.constantFrom('', '', 'total=2.5'),
    timestampMs: times,
    certainty: fc.constantFrom<1 | 2>(1, 2),
    startMs: bound,
    endMs: bound,
    outcomes: fc.array(outcome, { maxLength: 2 }),
  })
  .map(({ startMs, endMs, ...said }) => ({ ...market, ...said, ...(startMs !== undefined && { startMs }), ...(endMs !== undefined && { endMs }) }));

test('what stands says of every bet what the register says of its leg, in any order of the messages', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.integer({ min: 9, max: 13 }), (messages, acceptedAtMs) => {
      const register = new ResultRegister();
      for (const said of messages) register.add(said);
      const standing = standingOf(messages, selections);
      expect(standingOf(messages.toReversed(), selections)).toEqual(standing);
      for (const settleAt of ['live', 'confirmed'] as const) {
        const told = standing.results.map((of): SelectionOutcome => outcomeIn(standing, of, acceptedAtMs, settleAt));
        const rules = { settleAt, supercededBy: 'void' } as const;
        const legs = selections.map((selection) => register.legOutcome({ fixture: 'F1', market: 'M1', selection, acceptedAtMs }, rules));
        expect(told).toEqual(legs);
      }
    }),
    { seed: 20_190_809, numRuns: 2_000 },
  );
});

test('factors are exact', () => {
  const half: FeedMessage = {
    ...market, specifiers: '', type: 'settlement', certainty: 2, timestampMs: 1,
    outcomes: [{ selection: 'S1', result: 1, voidFactor: '0.25', deadHeatFactor: '1/3' }],
  };
  expect(standingOf([half], ['S1']).results).toEqual([{ selectionId: 'S1', result: 'half_won', voidFactor: '1/4', winDeadHeat: '1/3' }]);
});
