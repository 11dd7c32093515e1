import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { LiabilityDocument, SelectionLiability } from '@wagerline/shared-kernel/read-models/market-liability';
import { describe, expect, test } from 'vitest';
import { documentsAfter } from '../testing/document-after.ts';
import * as sample from '../testing/events.ts';
import { marketLiabilityProjection } from './project.ts';

const { marketId, fixtureId, kind, line } = sample.marketOpened;

const given = (...events: DomainEvent[]) => ({
  then: (document: LiabilityDocument) =>
    expect(documentsAfter(marketLiabilityProjection, events, marketId)).toEqual(new Map([[`liabilities/${marketId}`, document]])),
});

const open: LiabilityDocument = { marketId, fixtureId, kind, line, status: 'open', selections: sample.marketOpened.selections, liabilities: [], position: 1 };
const none: SelectionLiability = {
  selectionId: 'home',
  currency: 'GBP',
  singles: { count: 0, stakeMinor: 0, returns: { wonMinor: 0, halfWonMinor: 0, backMinor: 0, halfLostMinor: 0 } },
  multiples: { count: 0, stakeMinor: 0, returnMaxMinor: 0 },
};
/** 5.00 at 1.14: 5.70 if won, half won half of that and half of the stake, half lost half of the stake. */
const single: SelectionLiability = {
  ...none,
  singles: { count: 1, stakeMinor: 500, returns: { wonMinor: 570, halfWonMinor: 535, backMinor: 500, halfLostMinor: 250 } },
};
const double: sample.EventNamed<'BetPlaced'> = {
  ...sample.betPlaced,
  betId: 'c2c5d9a4-3c88-5d4e-9a55-1f0a7e6b2d22',
  shape: { type: 'folds', folds: [2] },
  returnMaxMinor: 1_140,
  legs: [sample.placedLeg, { ...sample.placedLeg, fixtureId: 'other', marketId: 'other.1x2', selectionId: 'away', odds: '2/1', requestedOdds: '2/1' }],
};
const bet = [sample.marketOpened, sample.betPlaced];

test('an open market has no liability', () => given(sample.marketOpened).then(open));

test('changed prices', () =>
  given(sample.marketOpened, sample.pricesChanged).then({
    ...open,
    selections: open.selections.map((selection) => (selection.selectionId === 'home' ? { ...selection, odds: '6/5' } : selection)),
    position: 2,
  }));

test.each<[DomainEvent, LiabilityDocument['status']]>([
  [sample.marketSuspended, 'suspended'],
  [sample.marketResumed, 'open'],
  [sample.marketClosed, 'closed'],
  [sample.marketResulted, 'resulted'],
  [sample.marketResultCorrected, 'resulted'],
  [sample.marketVoided, 'voided'],
])('$type changes the status and no sum', (event, status) => given(...bet, event).then({ ...open, status, liabilities: [single], position: 3 }));

test('a single counts with what it would return under each result', () => given(...bet).then({ ...open, liabilities: [single], position: 2 }));

test('each return is rounded as its bet will be, then added', () => {
  const odd = { ...sample.betPlaced, unitStakeMinor: 333, stakeMinor: 333, returnMaxMinor: 380 };
  // 333 x 1.14 = 379.62, half won 356.31, half lost 166.5 to the even 166.
  const returns = { wonMinor: 2 * 380, halfWonMinor: 2 * 356, backMinor: 666, halfLostMinor: 2 * 166 };
  const second = { ...odd, betId: double.betId };
  given(sample.marketOpened, odd, second).then({
    ...open,
    liabilities: [{ ...none, singles: { count: 2, stakeMinor: 666, returns } }],
    position: 3,
  });
});

test('a multiple counts apart, with its whole stake and maximum return', () =>
  given(sample.marketOpened, double).then({
    ...open,
    liabilities: [{ ...none, multiples: { count: 1, stakeMinor: 500, returnMaxMinor: 1_140 } }],
    position: 2,
  }));

test('a system counts as a multiple, and its settlement takes out what its placing put in', () => {
  const terms = { shape: { type: 'folds' as const, folds: [1, 2] }, lineCount: 3, stakeMinor: 1_500, returnMaxMinor: 2_710 };
  const system = { ...double, ...terms };
  const multiples = { count: 1, stakeMinor: 1_500, returnMaxMinor: 2_710 };
  given(sample.marketOpened, system).then({ ...open, liabilities: [{ ...none, multiples }], position: 2 });
  const settled = { ...sample.betSettled, ...terms, betId: system.betId, legs: sample.judgedLegs('won', 2, system.legs), returnMinor: 2_710 };
  given(sample.marketOpened, system, settled).then({ ...open, liabilities: [none], position: 3 });
});

test('selections and currencies stand apart, sorted', () => {
  const onAway = { ...sample.betPlaced, legs: [{ ...sample.placedLeg, selectionId: 'away' }] };
  const inEuro = { ...sample.betPlaced, currency: 'EUR' };
  given(sample.marketOpened, sample.betPlaced, onAway, inEuro).then({
    ...open,
    liabilities: [{ ...single, currency: 'EUR' }, { ...single, selectionId: 'away' }, single],
    position: 4,
  });
});

test('a settled bet leaves', () => given(...bet, sample.betSettled).then({ ...open, liabilities: [none], position: 3 }));

test('a reversed settlement brings the bet back', () =>
  given(...bet, sample.betSettled, sample.betReversed).then({ ...open, liabilities: [single], position: 4 }));

test('a voided bet leaves', () => given(...bet, sample.betVoided).then({ ...open, liabilities: [none], position: 3 }));

test('a settled multiple leaves', () => {
  const settled = { ...sample.betSettled, betId: double.betId, shape: double.shape, returnMaxMinor: 1_140, legs: sample.judgedLegs('lost', 2, double.legs) };
  given(sample.marketOpened, double, settled).then({ ...open, liabilities: [none], position: 3 });
});

test('a market that was never opened takes no bet', () => {
  expect(() => documentsAfter(marketLiabilityProjection, [sample.betPlaced], marketId)).toThrow('never opened');
});

test('an each-way single depends on more than the winner, and counts with what it returns at most', () => {
  const eachWay = { ...sample.betPlaced, eachWay: true, lineCount: 2, stakeMinor: 1_000, returnMaxMinor: 1_100 };
  const liabilities = [{ ...none, multiples: { count: 1, stakeMinor: 1_000, returnMaxMinor: 1_100 } }];
  given(sample.marketOpened, eachWay).then({ ...open, liabilities, position: 2 });
});

test('the stake of a free bet is none that was taken in', () => {
  const freeBet = { freeBetId: double.betId, kind: 'stake-not-returned' as const, expiresAt: sample.later };
  const returns = { wonMinor: 70, halfWonMinor: 35, backMinor: 0, halfLostMinor: 0 };
  const liabilities = [{ ...none, singles: { count: 1, stakeMinor: 0, returns } }];
  given(sample.marketOpened, { ...sample.betPlaced, freeBet, returnMaxMinor: 70 }).then({ ...open, liabilities, position: 2 });
});

test('a non-runner suspends the market', () => {
  const runner = { selectionId: 'draw', odds: '7/2', result: 'void' as const, rule4Percent: 25, table: null };
  const withdrawn: DomainEvent = { type: 'SelectionWithdrawn', at: sample.later, marketId, fixtureId, ...runner, reason: 'lame' };
  given(sample.marketOpened, withdrawn).then({ ...open, status: 'suspended', position: 2 });
});

describe('a leg that moves', () => {
  const there = { ...sample.marketOpened, ...sample.placeMovedTo };
  const movedTo = { ...sample.placeMovedTo, revisions: [4] };
  const settledThere = { ...sample.betSettled, legs: sample.judgedLegs('won', 2).map((leg) => ({ ...leg, movedTo })) };
  const other = (...events: DomainEvent[]) => {
    return documentsAfter(marketLiabilityProjection, [there, ...events], there.marketId).get(`liabilities/${there.marketId}`);
  };

  test('leaves its market', () => given(...bet, sample.betMoved).then({ ...open, liabilities: [none], position: 3 }));
  test('counts in the other one, until it is settled there', () => {
    expect(other(sample.betMoved)).toMatchObject({ liabilities: [single] });
    expect(other(sample.betMoved, settledThere)).toMatchObject({ liabilities: [none] });
  });
  test('of a bet that is settled counts nowhere', () => {
    given(...bet, sample.betSettled, { ...sample.betMoved, isLive: false }).then({ ...open, liabilities: [none], position: 4 });
    expect(other({ ...sample.betMoved, isLive: false })).toMatchObject({ liabilities: [] });
  });
  test('to a market that the bet has the same selection of already changes nothing there', () => {
    const legs = [...sample.betMoved.legs, ...sample.judgedLegs('open', null).map((leg) => ({ ...leg, ...sample.placeMovedTo }))];
    expect(other({ ...sample.betMoved, legs })).toMatchObject({ liabilities: [] });
  });
});
