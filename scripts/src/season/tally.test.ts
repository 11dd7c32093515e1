import { expect, test } from 'vitest';
import type { PlacedBet } from './bettors.ts';
import type { BetRead } from './read-back.ts';
import { marginOf, Tally } from './tally.ts';

const leg = { marketId: 'm1', selectionId: 'home', odds: '2' };
const placed: PlacedBet = {
  bet: { index: 0, window: 0, phase: 'opening', bettor: 0, stakeMinor: 500, policy: 'none', legs: [leg] },
  accountId: 'a1',
  betId: 'b1',
  code: undefined,
  odds: ['2'],
};
const match = { fixtureId: 'f1', home: 'Home', away: 'Away', startsAt: '2019-08-09T19:00:00.000Z' };
const read: BetRead = {
  betId: 'b1',
  accountId: 'a1',
  stakeMinor: 500,
  currency: 'GBP',
  placedAt: '2019-08-07T19:00:00.000Z',
  legs: [{ ...match, ...leg, marketKind: 'match-result', line: null, result: 'won', late: false }],
  status: 'settled',
  returnMinor: 1_000,
  settledAt: '2019-08-09T21:00:00.000Z',
  settlementCount: 1,
  history: [],
};
const posting = (account: string, amountMinor: number) => ({ account, currency: 'GBP', amountMinor });
const statement = [
  { postings: [posting('bettor:a1', 500), posting('payments', -500)] },
  { postings: [posting('bettor:a1', -500), posting('open-stakes', 500)] },
  { postings: [posting('bettor:a1', 1_000), posting('open-stakes', -500), posting('house', -500)] },
];

function tallied(bets: readonly BetRead[], lines = statement, balanceMinor = 1_000): Tally {
  const tally = new Tally([placed]);
  for (const bet of bets) tally.addBet(bet);
  tally.addStatement('a1', lines, balanceMinor);
  tally.close();
  return tally;
}

test('what adds up is counted', () => {
  const tally = tallied([read]);
  expect(tally.findings).toEqual([]);
  expect(tally.total).toEqual({ accepted: 1, stakeMinor: 500, returnMinor: 1_000 });
  expect(tally.bySize.single.accepted).toBe(1);
  expect(tally.ledger).toEqual({ GBP: { bettors: 1_000, payments: -500, 'open-stakes': 0, house: -500 } });
  expect(marginOf(tally.total)).toBe('-100.00');
});

const otherOdds = { ...read, legs: read.legs.map((item) => ({ ...item, odds: '2.1' })) };

test.each([
  ['a bet is missing', [], statement, 1_000, 'was accepted and is not there'],
  ['a bet is there twice', [read, read], statement, 1_000, 'or is there twice'],
  ['a bet is open', [{ ...read, status: 'open' as const }], statement, 1_000, 'is not settled'],
  ['the odds are others', [otherOdds], statement, 1_000, 'not as it was accepted'],
  ['the stake is another', [{ ...read, stakeMinor: 501 }], statement, 1_000, 'not as it was accepted'],
  ['the balance is another', [read], statement, 999, 'its postings sum to 1000'],
  ['a stake is still open', [read], statement.slice(0, 2), 0, 'open stakes of 500'],
  ['a line does not sum to zero', [read], [...statement, { postings: [posting('house', 1)] }], 1_000, 'does not sum to zero'],
])('a finding when %s', (_, bets, lines, balanceMinor, finding) => {
  expect(tallied(bets, lines, balanceMinor).findings.join('\n')).toContain(finding);
});
