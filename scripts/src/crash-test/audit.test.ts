import { expect, test } from 'vitest';
import type { AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { expectedAccounts } from './expected.ts';
import { Findings, type Ending, type Fact, type Leg } from './facts.ts';
import { LogAudit } from './log-audit.ts';

const at = '2026-01-01T12:00:00.000Z';
const accountId = 'b1a9a6a5-6276-4395-833c-d87ce9c27e04';
const requestHash = 'f'.repeat(64);
const hashOf = (key: string): string => key.padEnd(64, '0');

function deposited(key: string, amountMinor = 500): AccountEventOf<'FundsDeposited'> {
  return { type: 'FundsDeposited', at, accountId, amountMinor, currency: 'GBP', keyHash: hashOf(key), requestHash };
}

function placed(key: string, marketIds: readonly string[]): AccountEventOf<'BetPlaced'> {
  const legs = marketIds.map((marketId) => ({ ...leg, marketId, fixtureId: `of-${marketId}`, selectionId: 'home' }));
  const known = { accountId, betId: `bet-${key}`, keyHash: hashOf(key), requestHash };
  return { type: 'BetPlaced', at, ...known, ...terms, shape: { type: 'folds', folds: [legs.length] }, legs };
}
const amounts = { currency: 'GBP', unitStakeMinor: 400, stakeMinor: 400, lineCount: 1, returnMaxMinor: 1_000, eachWay: false };
const terms = { ...amounts, placedAt: at, ruleSet: 'standard@1', brand: 'crash', jurisdiction: 'GB', oddsChangePolicy: 'none' } as const;
const names = { competition: 'cup', sport: 'football', home: 'Here', away: 'There', selectionName: 'Here' };
const prices = { marketKind: 'match-result', line: null, odds: '5/2', requestedOdds: '5/2', marketVersion: 0 } as const;
const leg = { ...names, ...prices, startsAt: at, inPlay: false };

const asked = (key: string) => ({ accountId, key, keyHash: hashOf(key), path: '', text: '', answer: '' });
function depositFact(key: string, revision: number): Fact {
  return { ...asked(key), intent: { kind: 'deposit', amountMinor: 500 }, accepted: true, status: 201, body: { at, revision } };
}
function betFact(key: string, revision: number, legs: readonly Leg[]): Fact {
  const body = { betId: `bet-${key}`, placedAt: at, revision };
  return { ...asked(key), intent: { kind: 'bet', stakeMinor: 400, legs }, accepted: true, status: 201, body };
}

/** `events` stand in the log in this order, in one stream. */
function judged(events: readonly DomainEvent[], facts: readonly Fact[], askedFor: readonly string[]): Findings {
  const audit = new LogAudit();
  events.forEach((event, index) => audit.apply(event, index, index + 1));
  const findings = new Findings();
  audit.judge(facts, new Set(askedFor.map(hashOf)), findings);
  return findings;
}

test('what was acknowledged and is there once is no finding, and neither is what nobody got an answer to', () => {
  expect(judged([deposited('a'), deposited('b')], [depositFact('a', 0)], ['a', 'b', 'c']).counts).toEqual({});
});

test('lost: not there at all, or not as it was acknowledged', () => {
  expect(judged([], [depositFact('a', 0)], ['a']).counts).toEqual({ lost: 1 });
  expect(judged([deposited('b'), deposited('a')], [depositFact('a', 0)], ['a', 'b']).counts).toEqual({ lost: 1 });
  expect(judged([deposited('a', 501)], [depositFact('a', 0)], ['a']).counts).toEqual({ lost: 1 });
  const refused = { ...betFact('a', 0, []), accepted: false, status: 409, body: { code: 'ODDS_CHANGED' } };
  expect(judged([placed('a', ['m'])], [refused], ['a']).counts).toEqual({ lost: 1 });
});

test('duplicates are counted per event too many, and what nobody asked for once per key', () => {
  expect(judged([deposited('a'), deposited('a'), deposited('a')], [depositFact('a', 0)], ['a']).counts).toEqual({ duplicate: 2 });
  expect(judged([deposited('a')], [], []).counts).toEqual({ unasked: 1 });
});

test('a result that was acknowledged is the one that the log has', () => {
  const audit = new LogAudit();
  const market = { at, marketId: 'm', fixtureId: 'f' };
  const results = [{ selectionId: 'away', result: 'lost' } as const, { selectionId: 'home', result: 'won' } as const];
  audit.apply({ ...market, type: 'MarketResulted', results }, 0, 1);
  const countsFor = (ending: Ending, marketId = 'm') => {
    const findings = new Findings();
    audit.judgeMarkets(new Map([[marketId, ending]]), findings);
    return findings.counts;
  };
  expect(countsFor('home')).toEqual({});
  expect(countsFor('away')).toEqual({ lost: 1 });
  expect(countsFor('home', 'other')).toEqual({ lost: 1 });
});

test('an account holds its deposits less its stakes plus its returns; a leg that came too late does not count', () => {
  const audit = new LogAudit();
  audit.apply({ type: 'MarketClosed', at, marketId: 'closed', fixtureId: 'f', reason: 'kick-off' }, 0, 1);
  audit.apply({ type: 'FixtureStarted', at, fixtureId: 'of-started' }, 0, 2);
  ['single', 'late', 'double', 'half'].forEach((key, index) => {
    const markets = { single: ['won'], late: ['closed'], double: ['won', 'also'], half: ['won', 'started'] }[key] ?? [];
    audit.apply(placed(key, markets), index, index + 3);
  });
  const on = (...marketIds: string[]): Leg[] => marketIds.map((marketId) => ({ marketId, selectionId: 'home' }));
  const facts = [
    depositFact('d', 9),
    betFact('single', 0, on('won')),
    betFact('late', 1, on('closed')),
    betFact('double', 2, on('won', 'also')),
    betFact('half', 3, on('won', 'started')),
    betFact('void', 4, on('voided')),
    betFact('lost', 5, on('won', 'gone')),
  ];
  const ended = { won: 'home', also: 'home', closed: 'away', started: 'away', voided: 'void', gone: 'draw' } as const;
  const endings = new Map<string, Ending>(Object.entries(ended));
  const account = expectedAccounts(facts, endings, audit.bets).get(accountId);
  const returns = [...(account?.bets ?? [])].map(([betId, { returnMinor, isVoid }]) => [betId, returnMinor, isVoid]);
  expect(returns).toEqual([
    ['bet-single', 1_000, false],
    ['bet-late', 400, true],
    ['bet-double', 2_500, false],
    ['bet-half', 1_000, false],
    ['bet-void', 400, true],
    ['bet-lost', 0, false],
  ]);
  expect(account?.balanceMinor).toBe(500 - 6 * 400 + 1_000 + 400 + 2_500 + 1_000 + 400);
});
