import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import type { MarketDocument } from '@wagerline/shared-kernel/read-models/odds-board';
import { expect, test } from 'vitest';
import { documentsAfter } from '../testing/document-after.ts';
import * as sample from '../testing/events.ts';
import { oddsBoardProjection } from './project.ts';

const given = (...events: DomainEvent[]) => ({
  then: (document: MarketDocument) =>
    expect(documentsAfter(oddsBoardProjection, events)).toEqual(new Map([[`markets/${sample.marketOpened.marketId}`, document]])),
});

const { type: _, at, ...terms } = sample.marketOpened;
const open: MarketDocument = {
  ...terms,
  status: 'open',
  reason: null,
  selections: terms.selections.map((selection) => ({ ...selection, result: null })),
  openedAt: at,
  changedAt: at,
  version: 0,
};
const changed: MarketDocument = { ...open, changedAt: sample.later, version: 1 };
const withResults = (...results: (MarketDocument['selections'][number]['result'])[]): MarketDocument['selections'] =>
  open.selections.map((selection, index) => ({ ...selection, result: results[index] ?? null }));

test('an open market', () => given(sample.marketOpened).then(open));

test('changed prices leave the others as they are', () =>
  given(sample.marketOpened, sample.pricesChanged).then({
    ...changed,
    selections: open.selections.map((selection) => (selection.selectionId === 'home' ? { ...selection, odds: '6/5' } : selection)),
  }));

test('a suspended market', () => given(sample.marketOpened, sample.marketSuspended).then({ ...changed, status: 'suspended', reason: 'goal' }));

test('a resumed market', () => given(sample.marketOpened, sample.marketSuspended, sample.marketResumed).then({ ...changed, version: 2 }));

test('a closed market', () => given(sample.marketOpened, sample.marketClosed).then({ ...changed, status: 'closed', reason: 'started' }));

test('a resulted market', () =>
  given(sample.marketOpened, sample.marketClosed, sample.marketResulted).then({
    ...changed,
    status: 'resulted',
    selections: withResults('won', 'lost', 'lost'),
    version: 2,
  }));

test('a corrected result', () =>
  given(sample.marketOpened, sample.marketClosed, sample.marketResulted, sample.marketResultCorrected).then({
    ...changed,
    status: 'resulted',
    reason: 'var',
    selections: withResults('lost', 'won', 'lost'),
    version: 3,
  }));

test('a voided market has no results', () =>
  given(sample.marketOpened, sample.marketClosed, sample.marketResulted, sample.marketVoided).then({
    ...changed,
    status: 'voided',
    reason: 'abandoned',
    version: 3,
  }));

test('events of other kinds touch no market', () => {
  expect(documentsAfter(oddsBoardProjection, [sample.fixtureScheduled, sample.betPlaced])).toEqual(new Map());
});

test('prices of a market that was never opened cannot change', () => {
  expect(() => documentsAfter(oddsBoardProjection, [sample.pricesChanged])).toThrow('never opened');
});

const ids = { at: sample.later, marketId: sample.marketOpened.marketId, fixtureId: sample.marketOpened.fixtureId };
const runner = { selectionId: 'draw', odds: '7/2', result: 'void', rule4Percent: 25, table: null } as const;
const withdrawn: DomainEvent = { type: 'SelectionWithdrawn', ...ids, ...runner, reason: 'lame' };

test('place terms', () =>
  given(sample.marketOpened, { type: 'PlaceTermsSet', ...ids, places: 2, fraction: '1/5' }).then({ ...changed, placeTerms: { places: 2, fraction: '1/5' } }));

test('a non-runner suspends an open market, and no other', () => {
  const said = { withdrawn: { result: 'void' as const, rule4Percent: 25 } };
  const selections = open.selections.map((item) => (item.selectionId === 'draw' ? { ...item, ...said } : item));
  given(sample.marketOpened, withdrawn).then({ ...changed, status: 'suspended', reason: 'lame', selections });
  given(sample.marketOpened, sample.marketClosed, withdrawn).then({ ...changed, status: 'closed', reason: 'started', selections, version: 2 });
});

test('starting prices', () => {
  const prices: DomainEvent = { type: 'StartingPricesSet', ...ids, prices: [{ selectionId: 'draw', odds: '4/1', rule4Percent: 0 }] };
  const selections = open.selections.map((item) => (item.selectionId === 'draw' ? { ...item, startingOdds: '4/1' } : item));
  given(sample.marketOpened, prices).then({ ...changed, selections });
});
