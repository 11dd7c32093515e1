// Holds the query API and the command API against what the clients were told: the same bets, settled as expected, the same balances,
// and for every key, sent once more, the very answer of the first time. Called by crash-run.ts when nothing is under way any more.

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Random } from '../season/random.ts';
import { inParallel } from '../season/api.ts';
import type { Account } from './bettors.ts';
import type { ExpectedAccount, ExpectedBet } from './expected.ts';
import type { Fact, Findings } from './facts.ts';
import { UnexpectedAnswer, type Line } from './line.ts';

const leg = z.object({ marketId: z.string(), selectionId: z.string(), requestedOdds: z.string(), odds: z.string() });
const amounts = { currency: z.string(), stakeMinor: z.int(), returnMaxMinor: z.int() };
const struck = { betId: z.string(), placedAt: z.string(), legs: z.array(leg), ...amounts };
const shownBet = z.object({ ...struck, lineCount: z.int(), status: z.string(), returnMinor: z.int().nullable() });
const acknowledgedBet = z.object({ ...struck, lines: z.int() });
const page = z.object({ bets: z.array(shownBet), nextCursor: z.string().nullable() });
const shownAccount = z.object({ balanceMinor: z.int(), openStakesMinor: z.int() });

const pageSize = 200;
const pagesMax = 10_000;

export type ApiAudit = { readonly line: Line; readonly accounts: readonly Account[]; readonly findings: Findings };

export async function auditQueries({ line, accounts, findings }: ApiAudit, expected: ReadonlyMap<string, ExpectedAccount>): Promise<void> {
  await inParallel(accounts, async ({ accountId, token }) => {
    const due = expected.get(accountId);
    if (due === undefined) throw new Error(`account ${accountId} was never asked for`);
    const balance = shownAccount.parse(await get(line, token, `/v1/accounts/${accountId}`));
    if (balance.balanceMinor !== due.balanceMinor || balance.openStakesMinor !== 0) {
      findings.add('balance-differs', `${accountId}: ${JSON.stringify(balance)}, expected ${due.balanceMinor} and nothing at stake`);
    }
    const missing = new Map(due.bets);
    for await (const bet of betsOf(line, token)) {
      const wanted = due.bets.get(bet.betId);
      // A bet that the page has twice is as wrong as one that nobody was told of.
      const isMissing = missing.delete(bet.betId);
      if (!isMissing) findings.add('query-differs', `bet ${bet.betId} of ${accountId}: nobody was told of it, or it is shown twice`);
      if (wanted !== undefined) compareBet(bet, wanted, findings);
    }
    for (const betId of missing.keys()) findings.add('query-differs', `bet ${betId} of ${accountId} is not shown`);
  });
}

function compareBet(shown: z.infer<typeof shownBet>, { fact, returnMinor, isVoid }: ExpectedBet, findings: Findings): void {
  const { lines, ...told } = acknowledgedBet.parse(fact.body);
  const due = { ...told, lineCount: lines, status: isVoid ? 'void' : 'settled', returnMinor };
  if (!isDeepStrictEqual(shown, due)) findings.add('query-differs', `shown ${JSON.stringify(shown)}, expected ${JSON.stringify(due)}`);
}

/** In another order than the first time. */
export async function auditAnswers({ line, accounts, findings }: ApiAudit, facts: readonly Fact[], random: Random): Promise<void> {
  const tokens = new Map(accounts.map(({ accountId, token }) => [accountId, token]));
  await inParallel(random.shuffled(facts), async (fact) => {
    const { accountId, path, key, text } = fact;
    const again = await askAgain(line, { method: 'POST', path, key, text, token: tokens.get(accountId) ?? '' });
    if (again.status === fact.status && again.text === fact.answer) return;
    findings.add('changed-answer', `${key} of ${accountId}: first ${fact.status} ${fact.answer}, then ${again.status} ${again.text}`);
  });
}

async function askAgain(line: Line, sent: Parameters<Line['ask']>[0]): Promise<{ readonly status: number; readonly text: string }> {
  try {
    return await line.ask(sent);
  } catch (error) {
    if (!(error instanceof UnexpectedAnswer)) throw error;
    return { status: 0, text: error.message };
  }
}

async function* betsOf(line: Line, token: string): AsyncGenerator<z.infer<typeof shownBet>> {
  let cursor: string | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { bets, nextCursor } = page.parse(await get(line, token, `/v1/bets?limit=${pageSize}${after}`));
    yield* bets;
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
  throw new Error(`more than ${pagesMax} pages of bets`);
}

async function get(line: Line, token: string, path: string): Promise<unknown> {
  const answer = await line.ask({ method: 'GET', path, token });
  if (answer.status !== 200) throw new UnexpectedAnswer({ method: 'GET', path }, answer);
  return JSON.parse(answer.text);
}
