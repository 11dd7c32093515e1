// Reads a season's accounts back from the query API: every bet and every statement line, page by page. Called by play.ts.

import { legResult, marketKind } from '@wagerline/shared-kernel/events/schema';
import { z } from 'zod';
import type { Caller } from './api.ts';

const leg = z.object({
  fixtureId: z.string(),
  home: z.string(),
  away: z.string(),
  startsAt: z.string(),
  marketId: z.string(),
  marketKind,
  line: z.string().nullable(),
  selectionId: z.string(),
  odds: z.string(),
  result: legResult.or(z.literal('open')),
  late: z.boolean(),
});
const bet = z.object({
  betId: z.string(),
  accountId: z.string(),
  stakeMinor: z.int(),
  currency: z.string(),
  placedAt: z.string(),
  legs: z.array(leg).min(1),
  status: z.enum(['open', 'settled', 'void']),
  returnMinor: z.int().nullable(),
  settledAt: z.string().nullable(),
  settlementCount: z.int(),
  history: z.array(z.object({ type: z.enum(['settled', 'reversed', 'voided']), returnMinor: z.int() })),
});
const line = z.object({
  postings: z.array(z.object({ account: z.string(), currency: z.string(), amountMinor: z.int() })),
});
const account = z.object({ balanceMinor: z.int(), openStakesMinor: z.int(), blocked: z.boolean() });
const betPage = z.object({ bets: z.array(bet), nextCursor: z.string().nullable() });
const linePage = z.object({ lines: z.array(line), nextCursor: z.string().nullable() });

export type BetRead = z.infer<typeof bet>;
export type StatementLineRead = z.infer<typeof line>;
export type AccountRead = z.infer<typeof account>;

const pageSize = 200;
const pagesMax = 100_000;

/** Oldest first. */
export async function readBets(staff: Caller, accountId: string): Promise<readonly BetRead[]> {
  const bets: BetRead[] = [];
  await eachPage(staff, `/v1/accounts/${accountId}/bets`, (body) => {
    const page = betPage.parse(body);
    bets.push(...page.bets);
    return page.nextCursor;
  });
  return bets.reverse();
}

export async function readStatement(staff: Caller, accountId: string): Promise<readonly StatementLineRead[]> {
  const lines: StatementLineRead[] = [];
  await eachPage(staff, `/v1/accounts/${accountId}/statement`, (body) => {
    const page = linePage.parse(body);
    lines.push(...page.lines);
    return page.nextCursor;
  });
  return lines.reverse();
}

export async function readAccount(staff: Caller, accountId: string): Promise<AccountRead> {
  return account.parse(await staff.do('GET', `/v1/accounts/${accountId}`));
}

export async function readBet(staff: Caller, accountId: string, betId: string): Promise<BetRead> {
  return bet.parse(await staff.do('GET', `/v1/accounts/${accountId}/bets/${betId}`));
}

async function eachPage(staff: Caller, path: string, take: (body: unknown) => string | null): Promise<void> {
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    cursor = take(await staff.do('GET', `${path}?limit=${pageSize}${after}`));
    if (cursor === null) return;
  }
  throw new Error(`${path}: more than ${pagesMax} pages`);
}
