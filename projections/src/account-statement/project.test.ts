import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { postings } from '@wagerline/shared-kernel/events/postings';
import { accountOf, accountSummary } from '@wagerline/shared-kernel/read-models/account-statement';
import type { AccountSummary, StatementLineDocument } from '@wagerline/shared-kernel/read-models/account-statement';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { expect, test } from 'vitest';
import { documentsAfter } from '../testing/document-after.ts';
import * as sample from '../testing/events.ts';
import { accountStatementProjection, valuesAfter } from './project.ts';

const { accountId, betId, at, later } = sample;

const given = (...events: DomainEvent[]) => {
  const documents = documentsAfter(accountStatementProjection, events);
  const revision = events.length - 1;
  const values = events.reduce<JsonObject>(valuesAfter, {});
  return {
    then: (line: StatementLineDocument | undefined, account: AccountSummary) => {
      expect(documents.get(`lines/${String(revision).padStart(12, '0')}`)).toEqual(line);
      const document = documents.get(`accounts/${accountId}`);
      assert(document !== undefined, 'the account was opened');
      expect(accountSummary(accountOf(document), { revision, values })).toEqual(account);
    },
  };
};

const opened: AccountSummary = {
  accountId,
  currency: 'GBP',
  brand: 'wagerline',
  jurisdiction: 'gb',
  openedAt: at,
  balanceMinor: 0,
  openStakesMinor: 0,
  blocked: false,
  limits: [],
  exclusion: null,
  revision: 0,
};
const lineOf = (event: DomainEvent, fields: Pick<StatementLineDocument, 'revision' | 'amountMinor' | 'balanceAfterMinor'>): StatementLineDocument => ({
  accountId,
  type: event.type,
  at: event.at,
  currency: 'GBP',
  betId: 'betId' in event ? event.betId : null,
  reason: event.type === 'BetSettled' ? 'result' : null,
  postings: postings(event),
  ...fields,
});
const history = [sample.accountOpened, sample.fundsDeposited, sample.betPlaced];

test('an open account has a summary and no line', () => given(sample.accountOpened).then(undefined, opened));

test('a deposit', () =>
  given(sample.accountOpened, sample.fundsDeposited).then(lineOf(sample.fundsDeposited, { revision: 1, amountMinor: 10_000, balanceAfterMinor: 10_000 }), {
    ...opened,
    balanceMinor: 10_000,
    revision: 1,
  }));

test('a withdrawal', () =>
  given(sample.accountOpened, sample.fundsDeposited, sample.fundsWithdrawn).then(
    lineOf(sample.fundsWithdrawn, { revision: 2, amountMinor: -4_000, balanceAfterMinor: 6_000 }),
    { ...opened, balanceMinor: 6_000, revision: 2 },
  ));

test('a placed bet moves its stake to the open stakes', () =>
  given(...history).then(
    {
      ...lineOf(sample.betPlaced, { revision: 2, amountMinor: -500, balanceAfterMinor: 9_500 }),
      betId,
      postings: [
        { account: `bettor:${accountId}`, currency: 'GBP', amountMinor: -500 },
        { account: 'open-stakes', currency: 'GBP', amountMinor: 500 },
      ],
    },
    { ...opened, balanceMinor: 9_500, openStakesMinor: 500, revision: 2 },
  ));

test('a settled bet', () =>
  given(...history, sample.betSettled).then(lineOf(sample.betSettled, { revision: 3, amountMinor: 570, balanceAfterMinor: 10_070 }), {
    ...opened,
    balanceMinor: 10_070,
    revision: 3,
  }));

test('a lost bet has its line, too: the house got the stake', () => {
  const lost = { ...sample.betSettled, state: 'lost' as const, returnMinor: 0, returnExact: '0/1' };
  given(...history, lost).then(lineOf(lost, { revision: 3, amountMinor: 0, balanceAfterMinor: 9_500 }), { ...opened, balanceMinor: 9_500, revision: 3 });
});

test('a reversal that the balance does not cover blocks the account', () => {
  const withdrawn = { ...sample.fundsWithdrawn, amountMinor: 10_070 };
  given(...history, sample.betSettled, withdrawn, sample.betReversed).then(
    { ...lineOf(sample.betReversed, { revision: 5, amountMinor: -570, balanceAfterMinor: -570 }), reason: 'result-changed' },
    { ...opened, balanceMinor: -570, openStakesMinor: 500, blocked: true, revision: 5 },
  );
});

test('a voided bet', () =>
  given(...history, sample.betVoided).then(
    { ...lineOf(sample.betVoided, { revision: 3, amountMinor: 500, balanceAfterMinor: 10_000 }), reason: 'palpable-error' },
    { ...opened, balanceMinor: 10_000, revision: 3 },
  ));

const limitSet: sample.EventNamed<'LimitSet'> = { type: 'LimitSet', at, accountId, kind: 'stake', period: 'day', amountMinor: 5_000, effectiveAt: at };

test('a limit in force at once', () =>
  given(sample.accountOpened, limitSet).then(undefined, {
    ...opened,
    limits: [{ kind: 'stake', period: 'day', amountMinor: 5_000, next: null }],
    revision: 1,
  }));

test('a looser limit waits beside the one in force, a third one finds it in force; limits are sorted', () => {
  const looser = { ...limitSet, amountMinor: 9_000, effectiveAt: later };
  const other = { ...limitSet, kind: 'loss' as const };
  const waiting = { kind: 'stake' as const, period: 'day' as const, amountMinor: 5_000, next: { amountMinor: 9_000, effectiveAt: later } };
  const loss = { kind: 'loss' as const, period: 'day' as const, amountMinor: 5_000, next: null };
  given(sample.accountOpened, limitSet, looser, other).then(undefined, { ...opened, limits: [loss, waiting], revision: 3 });
  const gone = { ...limitSet, at: later, amountMinor: null, effectiveAt: '2019-08-10T21:00:00.000Z' };
  given(sample.accountOpened, limitSet, looser, gone).then(undefined, {
    ...opened,
    limits: [{ ...waiting, amountMinor: 9_000, next: { amountMinor: null, effectiveAt: gone.effectiveAt } }],
    revision: 3,
  });
});

test('a limit that is taken away at once leaves the list', () =>
  given(sample.accountOpened, limitSet, { ...limitSet, amountMinor: null }).then(undefined, { ...opened, revision: 2 }));

test('a self-exclusion', () => given(sample.accountOpened, sample.selfExcluded).then(undefined, { ...opened, exclusion: { until: null }, revision: 1 }));

test('a confirmed result is no line', () =>
  given(...history, sample.betSettled, sample.betConfirmed).then(undefined, { ...opened, balanceMinor: 10_070, revision: 4 }));

test('the document changes with what it says, and not with money', () => {
  const documents = documentsAfter(accountStatementProjection, [...history, limitSet, sample.betSettled]);
  expect(documents.get(`accounts/${accountId}`)).toMatchObject({ limits: [{ kind: 'stake' }], revision: 3 });
});

test('money cannot move on an account that was never opened', () => {
  expect(() => documentsAfter(accountStatementProjection, [sample.fundsDeposited])).toThrow('never opened');
});

test('a free bet: its token is granted, used, and given back by a void bet; the house has staked it', () => {
  const freeBet = { freeBetId: betId, kind: 'stake-not-returned' as const, expiresAt: later };
  const token = { ...freeBet, amountMinor: 500 };
  const granted: DomainEvent = { type: 'FreeBetGranted', at, accountId, currency: 'GBP', ...token };
  const placed = { ...sample.betPlaced, freeBet };
  given(sample.accountOpened, granted).then(undefined, { ...opened, freeBets: [token], revision: 1 });
  given(sample.accountOpened, granted, placed).then(lineOf(placed, { revision: 2, amountMinor: 0, balanceAfterMinor: 0 }), {
    ...opened,
    freeBets: [],
    openStakesMinor: 500,
    revision: 2,
  });
  const voided = { ...sample.betVoided, freeBet };
  given(sample.accountOpened, granted, placed, voided).then(
    { ...lineOf(voided, { revision: 3, amountMinor: 0, balanceAfterMinor: 0 }), reason: 'palpable-error' },
    { ...opened, freeBets: [token], revision: 3 },
  );
});

test('what a daily cap withholds is a line of its own', () => {
  const cap = { ruleSet: 'promotions@1', day: '2019-08-09', currency: 'GBP', returnsMinor: 570, capMinor: 500, withheldMinor: 70, changeMinor: 70 };
  const capped: DomainEvent = { type: 'DailyCapApplied', at, accountId, ...cap };
  given(...history, sample.betSettled, capped).then(lineOf(capped, { revision: 4, amountMinor: -70, balanceAfterMinor: 10_000 }), {
    ...opened,
    balanceMinor: 10_000,
    revision: 4,
  });
});
