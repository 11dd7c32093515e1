import type { AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { describe, expect, test } from 'vitest';
import { LedgerBook } from './ledger-book.ts';

// What the tool says of a right book is tested on a running server; here, of wrong ones: a rule that finds nothing is worth nothing.

const accountId = '6f1c9b1e-3a52-4d0e-9c53-0d6a3a1c0001';
const betId = '6f1c9b1e-3a52-5d0e-9c53-0d6a3a1c0002';
const at = '2026-01-01T12:00:00.000Z';
const hashes = { keyHash: '0'.repeat(64), requestHash: '1'.repeat(64) };
const leg = { fixtureId: 'f', competition: 'E0', marketId: 'f.1x2', marketKind: 'match-result', line: null, selectionId: 'home', odds: '2/1' } as const;

const opened: DomainEvent = { type: 'AccountOpened', at, accountId, currency: 'GBP', brand: 'test', jurisdiction: 'GB' };
const deposited = (amountMinor: number): DomainEvent => ({ type: 'FundsDeposited', at, accountId, amountMinor, currency: 'GBP', ...hashes });
const withdrawn = (amountMinor: number): DomainEvent => ({ type: 'FundsWithdrawn', at, accountId, amountMinor, currency: 'GBP', ...hashes });
const terms = {
  accountId, betId, currency: 'GBP', unitStakeMinor: 100, stakeMinor: 100, lineCount: 1, returnMaxMinor: 200, ruleSet: 'standard@1', placedAt: at, at,
  shape: { type: 'folds', folds: [1] }, eachWay: false,
} as const;
const placed: AccountEventOf<'BetPlaced'> = {
  type: 'BetPlaced', ...terms, ...hashes, brand: 'test', jurisdiction: 'GB', oddsChangePolicy: 'none',
  legs: [
    { ...leg, sport: 'football', home: 'Home', away: 'Away', startsAt: at, inPlay: false, selectionName: 'Home', requestedOdds: '2/1', marketVersion: 0 },
  ],
};
const why = { reason: 'result', decidedBy: { role: 'trader', id: 'trader-1' } } as const;
const judged = { ...terms, ...why, legs: [{ ...leg, result: 'won' as const, resultRevision: 2, late: false }] };
const settled = (settlement: number, returnMinor: number): AccountEventOf<'BetSettled'> => {
  const state = returnMinor === 0 ? 'lost' : 'returned';
  return { type: 'BetSettled', ...judged, settlement, state, returnExact: `${returnMinor}/1`, returnMinor, rounding: 'half-even' };
};
const reversed = (settlement: number, returnMinor: number): DomainEvent => {
  return { type: 'BetSettlementReversed', ...judged, settlement, returnMinor };
};
const voided = (settlement: number): DomainEvent => ({ type: 'BetVoided', ...judged, settlement });

const begun = [opened, deposited(1_000), placed];

function bookOf(...events: readonly DomainEvent[]): LedgerBook {
  const book = new LedgerBook();
  events.forEach((event, index) => book.apply(event, index + 1));
  book.close(events.length);
  return book;
}

const found = (...events: readonly DomainEvent[]): readonly string[] => bookOf(...events).findings.map(({ rule, position }) => `${rule} at ${position}`);

describe('a right book has no findings', () => {
  test.each<[string, readonly DomainEvent[]]>([
    ['an open bet', begun],
    ['settled once', [...begun, settled(1, 200)]],
    ['reversed and settled again', [...begun, settled(1, 200), reversed(1, 200), settled(2, 0)]],
    ['reversed and open again', [...begun, settled(1, 200), reversed(1, 200)]],
    ['voided by hand', [...begun, voided(0)]],
    ['voided by hand after its settlement', [...begun, settled(1, 200), reversed(1, 200), voided(1)]],
  ])('%s', (_, events) => expect(found(...events)).toEqual([]));

  test('sums per ledger account are zero together', () => {
    const { sums, settlements, reversals } = bookOf(...begun, settled(1, 200), reversed(1, 200), settled(2, 0));
    expect(Object.fromEntries(sums.get('GBP') ?? [])).toEqual({ bettors: 900, payments: -1_000, 'open-stakes': 0, house: 100 });
    expect({ settlements, reversals }).toEqual({ settlements: 2, reversals: 1 });
  });

  test('a balance below zero by a reversal is no wrong, but the account is listed', () => {
    const book = bookOf(...begun, settled(1, 200), withdrawn(1_050), reversed(1, 200), settled(2, 0));
    expect(book.findings).toEqual([]);
    expect(book.blockedAccounts()).toEqual([{ accountId, balanceMinor: -150 }]);
  });
});

describe('a wrong is found where it is', () => {
  test.each<[string, readonly DomainEvent[], readonly string[]]>([
    ['settled twice', [...begun, settled(1, 200), settled(2, 200)], ['one-effective-settlement at 5', 'open-liability at 5']],
    ['a settlement is skipped', [...begun, settled(2, 200)], ['one-effective-settlement at 4']],
    ['settled after it was voided', [...begun, voided(0), settled(1, 200)], ['one-effective-settlement at 5', 'open-liability at 5']],
    ['voided while settled', [...begun, settled(1, 200), voided(1)], ['one-effective-settlement at 5', 'open-liability at 5']],
    ['a reversal of another settlement', [...begun, settled(1, 200), reversed(2, 200)], ['reversal-negates-its-settlement at 5']],
    ['a reversal of another amount', [...begun, settled(1, 200), reversed(1, 150)], ['reversal-negates-its-settlement at 5']],
    ['a reversal of nothing', [...begun, reversed(1, 200)], ['reversal-negates-its-settlement at 4', 'open-liability at 4']],
    ['a reversal of a void by hand', [...begun, settled(1, 200), reversed(1, 200), voided(1), reversed(1, 100)], ['reversal-negates-its-settlement at 7']],
    ['a bet that was never placed', [opened, deposited(1_000), settled(1, 200)], ['bet-is-placed at 3', 'open-liability at 3']],
    ['placed twice', [...begun, placed], ['bet-placed-once at 4', 'open-liability at 4']],
    ['below zero by a bet', [opened, deposited(50), placed], ['below-zero-by-reversal-only at 3']],
    ['below zero by a withdrawal', [opened, deposited(50), withdrawn(51)], ['below-zero-by-reversal-only at 3']],
    ['a settlement of another stake', [...begun, { ...settled(1, 200), stakeMinor: 90 }], ['open-liability at 4']],
    ['money without an account', [deposited(1_000)], ['account-is-open at 1']],
  ])('%s', (_, events, expected) => expect(found(...events)).toEqual(expected));

  test('an event that nobody can read is a finding, and everything else is still proved', () => {
    const book = new LedgerBook();
    const metadata = { schemaVersion: 1, at };
    const { type, at: _, ...data } = opened;
    book.read({ id: 'a', stream: `account-${accountId}`, revision: 0, position: 1, type, data: { ...data }, metadata });
    book.read({ id: 'b', stream: `account-${accountId}`, revision: 1, position: 2, type: 'BetTeleported', data: {}, metadata });
    book.apply(deposited(100), 3);
    book.close(3);
    expect(book.findings).toMatchObject([{ rule: 'event-is-readable', subject: `account-${accountId}@1`, position: 2 }]);
    expect(book.wallets.get(accountId)).toMatchObject({ postedMinor: 100 });
  });
});
