import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { betHistoryEntriesMax, type BetDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import { expect, test } from 'vitest';
import { documentsAfter } from '../testing/document-after.ts';
import * as sample from '../testing/events.ts';
import { betHistoryProjection } from './project.ts';

const given = (...events: DomainEvent[]) => ({
  then: (document: BetDocument) => expect(documentsAfter(betHistoryProjection, events)).toEqual(new Map([[`bets/${sample.betId}`, document]])),
});

const { type: _, at: _at, keyHash: _key, requestHash: _request, ...terms } = sample.betPlaced;
const openLeg = { ...sample.placedLeg, result: 'open' as const, resultRevision: null, late: false };
const open: BetDocument = {
  ...terms,
  legs: [openLeg],
  competitions: ['premier-league'],
  status: 'open',
  returnMinor: null,
  returnExact: null,
  settledAt: null,
  settlementCount: 0,
  history: [],
  revision: 0,
};
const settledEntry = { type: 'settled' as const, settlement: 1, at: sample.later, returnMinor: 570, reason: 'result' };
const settled: BetDocument = {
  ...open,
  legs: [{ ...openLeg, result: 'won', resultRevision: 2 }],
  status: 'settled',
  returnMinor: 570,
  returnExact: '570/1',
  settledAt: sample.later,
  settlementCount: 1,
  history: [settledEntry],
  revision: 1,
};

test('a placed bet is open', () => given(sample.betPlaced).then(open));

test('competitions stand once each, sorted', () => {
  const legs = ['serie-a', 'la-liga', 'serie-a'].map((competition) => ({ ...sample.placedLeg, competition }));
  given({ ...sample.betPlaced, legs }).then({
    ...open,
    legs: legs.map((leg) => ({ ...openLeg, ...leg })),
    competitions: ['la-liga', 'serie-a'],
  });
});

test('a settled bet has its results and return', () => given(sample.betPlaced, sample.betSettled).then(settled));

test('a push is settled with its stake', () =>
  given(sample.betPlaced, { ...sample.betSettled, legs: sample.judgedLegs('push', 2), returnMinor: 500, returnExact: '500/1' }).then({
    ...settled,
    legs: [{ ...openLeg, result: 'push', resultRevision: 2 }],
    returnMinor: 500,
    returnExact: '500/1',
    history: [{ ...settledEntry, returnMinor: 500 }],
  }));

test('a bet with nothing but void legs is void', () => {
  const legs = sample.judgedLegs('void', null).map((leg) => ({ ...leg, late: true }));
  given(sample.betPlaced, { ...sample.betSettled, legs, state: 'void', returnMinor: 500, returnExact: '500/1' }).then({
    ...settled,
    legs: [{ ...openLeg, result: 'void', late: true }],
    status: 'void',
    returnMinor: 500,
    returnExact: '500/1',
    history: [{ ...settledEntry, returnMinor: 500 }],
  });
});

const reversedEntry = { type: 'reversed' as const, settlement: 1, at: sample.later, returnMinor: 570, reason: 'result-changed' };

test('a reversed settlement opens the bet again', () =>
  given(sample.betPlaced, sample.betSettled, sample.betReversed).then({
    ...open,
    legs: [{ ...openLeg, result: 'lost', resultRevision: 3 }],
    settlementCount: 1,
    history: [settledEntry, reversedEntry],
    revision: 2,
  }));

test('a bet is settled again', () =>
  given(sample.betPlaced, sample.betSettled, sample.betReversed, {
    ...sample.betSettled,
    settlement: 2,
    state: 'lost',
    legs: sample.judgedLegs('lost', 3),
    returnMinor: 0,
    returnExact: '0/1',
  }).then({
    ...settled,
    legs: [{ ...openLeg, result: 'lost', resultRevision: 3 }],
    returnMinor: 0,
    returnExact: '0/1',
    settlementCount: 2,
    history: [settledEntry, reversedEntry, { ...settledEntry, settlement: 2, returnMinor: 0 }],
    revision: 3,
  }));

test('a confirmed result changes the vector alone', () =>
  given(sample.betPlaced, sample.betSettled, sample.betConfirmed).then({
    ...settled,
    legs: [{ ...openLeg, result: 'won', resultRevision: 4 }],
    revision: 2,
  }));

test('a bet voided by hand gives back its stake', () =>
  given(sample.betPlaced, sample.betVoided).then({
    ...open,
    status: 'void',
    returnMinor: 500,
    returnExact: '500/1',
    settledAt: sample.later,
    history: [{ type: 'voided', settlement: 0, at: sample.later, returnMinor: 500, reason: 'palpable-error' }],
    revision: 1,
  }));

test('only the newest entries of the history stay', () => {
  const changes = Array.from({ length: betHistoryEntriesMax }, (_unused, index) => [
    { ...sample.betSettled, settlement: index + 1 },
    { ...sample.betReversed, settlement: index + 1 },
  ]).flat();
  const document = documentsAfter(betHistoryProjection, [sample.betPlaced, ...changes]).get(`bets/${sample.betId}`);
  expect(document?.['history']).toHaveLength(betHistoryEntriesMax);
  expect(document?.['history']).toMatchObject(changes.slice(-betHistoryEntriesMax).map(({ settlement }) => ({ settlement })));
});

test('events of other kinds touch no bet', () => {
  expect(documentsAfter(betHistoryProjection, [sample.accountOpened, sample.fundsDeposited, sample.selfExcluded])).toEqual(new Map());
});

test('a bet that was never placed cannot be settled', () => {
  expect(() => documentsAfter(betHistoryProjection, [sample.betSettled])).toThrow('never placed');
});

test('what a result says besides is there as long as it is said', () => {
  const detail = { placeDeadHeat: '1/2', rule4Percent: 25 };
  const settledSo = { ...sample.betSettled, legs: sample.judgedLegs('won', 2).map((leg) => ({ ...leg, detail })) };
  given(sample.betPlaced, settledSo).then({ ...settled, legs: [{ ...openLeg, result: 'won', resultRevision: 2, detail }] });
  given(sample.betPlaced, settledSo, sample.betConfirmed).then({ ...settled, legs: [{ ...openLeg, result: 'won', resultRevision: 4 }], revision: 2 });
});

test('a free bet that is voided returns nothing but its token', () => {
  const freeBet = { freeBetId: sample.betId, kind: 'stake-not-returned' as const, expiresAt: sample.later };
  const entry = { type: 'voided' as const, settlement: 0, at: sample.later, returnMinor: 0, reason: 'palpable-error' };
  const voided = { status: 'void' as const, returnMinor: 0, returnExact: '0/1', settledAt: sample.later, history: [entry], revision: 1 };
  given({ ...sample.betPlaced, freeBet }, { ...sample.betVoided, freeBet }).then({ ...open, freeBet, ...voided });
});

test('a moved leg says where it counts, the history where it came from; where it goes back it says nothing any more', () => {
  const entry = { type: 'moved' as const, settlement: 0, at: sample.later, returnMinor: 0, reason: 'feed-cancel', moves: sample.betMoved.moves };
  const movedTo = { ...sample.placeMovedTo, revisions: [null] };
  const moved = { ...open, legs: [{ ...openLeg, resultRevision: 2, movedTo }], history: [entry], revision: 1 };
  given(sample.betPlaced, sample.betMoved).then(moved);
  const [move] = sample.betMoved.moves;
  const back = { ...sample.betMoved, legs: sample.judgedLegs('open', 3), moves: move === undefined ? [] : [{ leg: 0, from: move.to, to: move.from }] };
  const history = [entry, { ...entry, moves: back.moves }];
  given(sample.betPlaced, sample.betMoved, back).then({ ...open, legs: [{ ...openLeg, resultRevision: 3 }], history, revision: 2 });
});
