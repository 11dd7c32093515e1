// Examples of legs that go on in another season: the bet's stream says so, with or without a settlement behind it, and by the newer knowledge alone.

import type { AccountEventOf, JudgedLeg, Move } from '@wagerline/shared-kernel/events/account-events';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { LegVerdict } from './commands.ts';
import { accountDecider } from './decide.ts';
import { at, deposited, opened, placeBet, placed, settle, settled, slipLeg, verdict, voided, why } from './samples.ts';

const given = scenarioOf(accountDecider);
const rich = [opened, deposited(100_000)];
const here = { fixtureId: 'fixture-of-m1', marketId: 'm1' };
const there = { fixtureId: 'f2', marketId: 'm2' };
const open = settled('b', 1, 0, ['open']);

function moved(result: LegVerdict['result'], ...revisions: readonly (number | null)[]): LegVerdict {
  return { ...verdict(result), movedTo: { ...there, revisions: [...revisions] } };
}

function on<Event extends { readonly legs: readonly JudgedLeg[] }>(event: Event, ...verdicts: readonly LegVerdict[]): Event {
  return { ...event, legs: event.legs.map((leg, index) => ({ ...leg, ...verdicts[index] })) };
}

function move(from: Move['from'], to: Move['to'], verdictOf: LegVerdict, more: Partial<AccountEventOf<'BetMoved'>> = {}): AccountEventOf<'BetMoved'> {
  const { state: _, returnExact: _exact, returnMinor: _minor, rounding: _rounding, settlement: _settlement, ...bet } = open;
  const { legs } = on({ legs: bet.legs }, verdictOf);
  return { ...bet, type: 'BetMoved', legs, settlement: 0, isLive: true, moves: [{ leg: 0, from, to }], ...more };
}

const gone = move(here, there, moved('open', null));
const won = on(settled('b', 1, 975, ['won']), moved('won', 4));
const settledGone = { isLive: false, settlement: 1 };

describe('an open bet', () => {
  test('moves', () => given(...rich, placed('b')).when(settle('b', moved('open', null))).then(gone));
  test('that has moved is settled by the other market', () => given(...rich, placed('b'), gone).when(settle('b', moved('won', 4))).then(won));
  test('moves and is settled at once, where the other market has its result already', () => {
    given(...rich, placed('b')).when(settle('b', moved('won', 4))).then(move(here, there, moved('won', 4)), won);
  });
  test('goes back where the cancel was taken back', () => {
    const back = verdict('open', 6);
    given(...rich, placed('b'), gone).when(settle('b', back)).then(move(there, here, back));
  });
  test('stays where only an older message would move it', () => {
    given(...rich, placed('b'), move(there, here, verdict('open', 6))).when(settle('b', moved('won', 9))).thenNothing();
  });
});

describe('a settled bet', () => {
  test('is settled anew by the other market', () => {
    const first = settled('b', 1, 975, ['won']);
    const newer = { ...moved('lost', 2), resultRevision: 6 };
    const { state: _s, returnExact: _e, rounding: _r, ...taken } = first;
    given(...rich, placed('b'), first)
      .when(settle('b', newer))
      .then(
        move(here, there, newer, settledGone),
        { ...on(taken, newer), type: 'BetSettlementReversed' },
        on(settled('b', 2, 0, ['lost']), newer),
      );
  });
  test('is open again where the other market has no result, and counts there', () => {
    const first = settled('b', 1, 975, ['won']);
    const newer = { ...moved('open', null), resultRevision: 6 };
    const { state: _s, returnExact: _e, rounding: _r, ...taken } = first;
    given(...rich, placed('b'), first)
      .when(settle('b', newer))
      .then(move(here, there, newer, settledGone), { ...on(taken, newer), type: 'BetSettlementReversed' });
  });
  test('to which the other market says the same is confirmed', () => {
    const first = settled('b', 1, 975, ['won']);
    const newer = { ...moved('won', 2), resultRevision: 6 };
    const { rounding: _r, reason: _w, decidedBy: _d, ...rest } = on(first, newer);
    given(...rich, placed('b'), first).when(settle('b', newer)).then(move(here, there, newer, settledGone), { ...rest, type: 'BetResultConfirmed' });
  });
  test('a void by hand keeps where its legs are', () => {
    const command = { type: 'VoidBet', betId: open.betId, ...why, isOutcomeKnown: false, voidApprovalMinor: 100_000, at } as const;
    const { settlement: _, ...rest } = on(voided(settled('b', 1, 0, ['open'])), moved('open', null));
    given(...rich, placed('b'), gone).when(command).then({ ...rest, reason: why.reason, settlement: 0 });
  });
});

test('what the account has at risk in a market moves with the leg', () => {
  const limited = slipLeg('m2', { stakeMaxPerAccountMinor: 800 });
  const command = placeBet('c', { legs: [limited] });
  const decided = (...history: readonly Parameters<typeof accountDecider.evolve>[1][]) => {
    const state = [...rich, ...history].reduce(accountDecider.evolve, accountDecider.initial);
    return accountDecider.decide(command, state, () => undefined);
  };
  expect(decided(placed('b')).outcome).toBe('accepted');
  expect(decided(placed('b'), gone)).toMatchObject({ outcome: 'refused', code: 'STAKE_OVER_LIMIT', detail: { stakeMaxMinor: 300 } });
});
