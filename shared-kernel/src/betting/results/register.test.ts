import { describe, expect, test } from 'vitest';

import { identityOf, type FeedMessage } from './feed-message.ts';
import { ResultRegister, type LegAtRegister } from './register.ts';

const rules = { settleAt: 'live', supercededBy: 'void' } as const;
const leg: LegAtRegister = { fixture: 'F1', market: 'M1', selection: 'S1', acceptedAtMs: 1_000 };
const base = { product: 1, fixture: 'F1', market: 'M1', specifiers: '' };

function settlement(timestampMs: number, result: 0 | 1, more: Partial<FeedMessage> = {}): FeedMessage {
  return { ...base, type: 'settlement', timestampMs, certainty: 1, outcomes: [{ selection: 'S1', result }], ...more };
}

function message(type: FeedMessage['type'], timestampMs: number, more: Partial<FeedMessage> = {}): FeedMessage {
  return { ...base, type, timestampMs, outcomes: [], ...more };
}

/** The same for every order in which the messages can come. */
function outcome(messages: readonly FeedMessage[], of: LegAtRegister = leg, under: Parameters<ResultRegister['legOutcome']>[1] = rules) {
  const results = permutations(messages).map((order) => {
    const register = new ResultRegister();
    for (const each of [...order, ...order]) register.add(each);
    return register.legOutcome(of, under);
  });
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  return results[0];
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.filter((_, place) => place !== index)).map((rest) => [item, ...rest]));
}

describe('settlements', () => {
  test('none is open', () => expect(outcome([])).toEqual({ result: 'open' }));
  test('the newest of one certainty', () => expect(outcome([settlement(1, 1), settlement(2, 0)])).toEqual({ result: 'lost' }));
  test('a higher certainty outweighs a newer message', () => {
    expect(outcome([settlement(1, 1, { certainty: 2 }), settlement(2, 0)])).toEqual({ result: 'won' });
  });
  test('another selection says nothing of this one', () => {
    expect(outcome([settlement(1, 1, { outcomes: [{ selection: 'S2', result: 1 }] })])).toEqual({ result: 'open' });
  });
  test('half won, dead heat and void by their factors', () => {
    const half = settlement(1, 1, { outcomes: [{ selection: 'S1', result: 1, voidFactor: '0.5', deadHeatFactor: '1/2' }] });
    expect(outcome([half])).toEqual({ result: 'half_won', winDeadHeat: '1/2' });
    expect(outcome([settlement(1, 0, { outcomes: [{ selection: 'S1', result: 0, voidFactor: '1' }] })])).toEqual({ result: 'void' });
  });
  test('only a confirmed result pays where the rules say so', () => {
    const confirmed = { ...rules, settleAt: 'confirmed' } as const;
    expect(outcome([settlement(5, 1)], leg, confirmed)).toEqual({ result: 'open' });
    expect(outcome([settlement(5, 1), settlement(4, 0, { certainty: 2 })], leg, confirmed)).toEqual({ result: 'lost' });
  });
  test('a tie with another result holds the whole market, of any product; a newer one releases it', () => {
    const tie = [settlement(1, 1), settlement(1, 0, { product: 3 })];
    expect(outcome(tie)).toEqual({ result: 'open' });
    const other = settlement(1, 1, { outcomes: [{ selection: 'S2', result: 1 }] });
    expect(outcome([...tie, other], { ...leg, selection: 'S2' })).toEqual({ result: 'open' });
    expect(outcome([...tie, settlement(2, 1)])).toEqual({ result: 'won' });
    expect(outcome([settlement(1, 1), settlement(1, 0, { specifiers: 'total=2.5' })])).toEqual({ result: 'won' });
    const register = new ResultRegister();
    for (const each of tie) register.add(each);
    expect(register.isHeld(leg, 'live')).toBe(true);
  });
  test('a tie with the same result is no contradiction', () => {
    const same = settlement(1, 1, { product: 3, outcomes: [{ selection: 'S1', result: 1, voidFactor: '0.0', deadHeatFactor: '1' }] });
    expect(outcome([settlement(1, 1), same])).toEqual({ result: 'won' });
  });
});

describe('rollbacks', () => {
  test('drop every older settlement, whatever its certainty', () => {
    expect(outcome([settlement(1, 1, { certainty: 2 }), settlement(2, 0), message('rollback-settlement', 3)])).toEqual({ result: 'open' });
  });
  test('leave one of the same timestamp', () => expect(outcome([settlement(3, 1), message('rollback-settlement', 3)])).toEqual({ result: 'won' }));
  test('of one selection leave the others', () => {
    const both = settlement(1, 1, { outcomes: [{ selection: 'S1', result: 1 }, { selection: 'S2', result: 0 }] });
    const rollback = message('rollback-settlement', 2, { outcomes: [{ selection: 'S2', result: -1 }] });
    expect(outcome([both, rollback])).toEqual({ result: 'won' });
    expect(outcome([both, rollback], { ...leg, selection: 'S2' })).toEqual({ result: 'open' });
  });
  test('of what was never settled do nothing', () => {
    expect(outcome([message('rollback-settlement', 9), message('rollback-cancel', 9)])).toEqual({ result: 'open' });
  });
});

describe('cancels', () => {
  const cancel = (timestampMs: number, startMs?: number, endMs?: number): FeedMessage =>
    message('cancel', timestampMs, { ...(startMs === undefined ? {} : { startMs }), ...(endMs === undefined ? {} : { endMs }) });

  test.each([
    [undefined, undefined, 'void'],
    [1_000, undefined, 'void'],
    [1_001, undefined, 'won'],
    [undefined, 1_000, 'won'],
    [undefined, 1_001, 'void'],
    [1_000, 1_001, 'void'],
  ])('from %s before %s: a leg accepted at 1000 is %s', (startMs, endMs, result) => {
    expect(outcome([settlement(5, 1, { certainty: 2 }), cancel(1, startMs, endMs)])).toEqual({ result });
  });
  test('a rollback undoes its own pair alone', () => {
    expect(outcome([cancel(1, 0), message('rollback-cancel', 2, { startMs: 0 })])).toEqual({ result: 'open' });
    expect(outcome([cancel(1, 0), message('rollback-cancel', 2)])).toEqual({ result: 'void' });
    expect(outcome([cancel(1, 0, 1_500), message('rollback-cancel', 2, { startMs: 0, endMs: 1_500 }), cancel(2, 0)])).toEqual({ result: 'void' });
  });
  test('at equal timestamps the rollback counts; a newer cancel counts again', () => {
    expect(outcome([cancel(2), message('rollback-cancel', 2)])).toEqual({ result: 'open' });
    expect(outcome([cancel(3), message('rollback-cancel', 2)])).toEqual({ result: 'void' });
  });
  test('superceded by another season: void, or the leg moves there', () => {
    const moved = [message('cancel', 1, { supercededBy: 'F2' }), settlement(2, 1, { fixture: 'F2' })];
    expect(outcome(moved)).toEqual({ result: 'void' });
    expect(outcome(moved, leg, { ...rules, supercededBy: 'move' })).toEqual({ result: 'won' });
    const wider = [...moved, message('cancel', 1, { startMs: 0 })];
    expect(outcome(wider, leg, { ...rules, supercededBy: 'move' })).toEqual({ result: 'void' });
    const circle = [message('cancel', 1, { supercededBy: 'F2' }), message('cancel', 1, { fixture: 'F2', supercededBy: 'F1' })];
    expect(outcome(circle, leg, { ...rules, supercededBy: 'move' })).toEqual({ result: 'open' });
  });
});

test('a late leg stays void, and a manual decision outranks the feed', () => {
  expect(outcome([settlement(1, 1)], { ...leg, isLate: true, manual: { result: 'won' } })).toEqual({ result: 'void' });
  expect(outcome([settlement(1, 1)], { ...leg, manual: { result: 'lost' } })).toEqual({ result: 'lost' });
});

test('the order of outcomes makes no other message; every field does', () => {
  const two = settlement(1, 1, { outcomes: [{ selection: 'S1', result: 1 }, { selection: 'S2', result: 0 }] });
  expect(identityOf({ ...two, outcomes: two.outcomes.toReversed() })).toBe(identityOf(two));
  const where: Partial<FeedMessage>[] = [{ product: 3 }, { fixture: 'F2' }, { market: 'M2' }, { specifiers: 'total=1' }];
  const others = [...where, { timestampMs: 2 }, { certainty: 2 as const }, { startMs: 1 }, { endMs: 1 }];
  for (const other of others) expect(identityOf({ ...two, ...other })).not.toBe(identityOf(two));
});
