// The bettors of a season over HTTP: open accounts, pay in what the coming slips cost, place the slips. Called by play.ts.
// Commands of one account go one after another in a fixed order, accounts side by side: so the same plan has the same end every time.

import { uuidV5 } from '@wagerline/shared-kernel/values/ids';
import { inParallel, type Caller } from './api.ts';
import type { PlannedBet } from './bets.ts';

/** What the server said. `code` undefined = accepted; then `odds` are the accepted ones, leg by leg. */
export type PlacedBet = {
  readonly bet: PlannedBet;
  readonly accountId: string;
  readonly betId: string;
  readonly code: string | undefined;
  readonly odds: readonly string[];
};

export const currency = 'GBP';
const namespace = '3d4b7a52-6a0e-4c59-9a7d-5f1c2e8b9c10';
const slipTypes = ['single', 'double', 'treble', 'accumulator'];

/** One account of a seed; `name` is a bettor's number, or what an incident calls its own. */
export function accountIdOf(seed: number, name: number | string): string {
  return uuidV5(namespace, `${seed}/${name}`);
}

export type Bettor = { readonly accountId: string; readonly caller: Caller };

export async function openAccount({ accountId, caller }: Bettor): Promise<void> {
  await caller.do('PUT', `/v1/accounts/${accountId}`, { body: { currency, brand: 'season', jurisdiction: 'GB' } });
}

export async function deposit({ accountId, caller }: Bettor, amountMinor: number, key: string): Promise<void> {
  await caller.do('POST', `/v1/accounts/${accountId}/deposits`, { body: { amountMinor, currency }, key });
}

/** Before the first slip of a window every bettor pays in what all slips of that window cost: none is refused for lack of funds. */
export async function fundWindow(bettors: readonly Bettor[], window: number, bets: readonly PlannedBet[]): Promise<void> {
  await inParallel([...byBettor(bets)], async ([number, own]) => {
    const amountMinor = own.reduce((sum, bet) => sum + bet.stakeMinor, 0);
    await deposit(bettorAt(bettors, number), amountMinor, `deposit-${window}`);
  });
}

export async function placeBets(
  bettors: readonly Bettor[],
  bets: readonly PlannedBet[],
  versionOf: (marketId: string) => number,
  onPlaced: (placed: PlacedBet) => void,
): Promise<void> {
  await inParallel([...byBettor(bets)], async ([number, own]) => {
    for (const bet of own) onPlaced(await placeBet(bettorAt(bettors, number), bet, versionOf));
  });
}

async function placeBet({ accountId, caller }: Bettor, bet: PlannedBet, versionOf: (marketId: string) => number): Promise<PlacedBet> {
  const legs = bet.legs.map((leg) => ({ ...leg, marketVersion: versionOf(leg.marketId) }));
  const type = slipTypes[Math.min(legs.length, slipTypes.length) - 1] ?? '';
  const slip = { type, currency, stakeMinor: bet.stakeMinor, oddsChangePolicy: bet.policy, legs };
  const { status, body } = await caller.call('POST', '/v1/bets', { body: slip, key: `bet-${bet.index}` });
  const { betId, code } = body;
  // 409 and 422 are what `decide` refuses with; anything else means that this tool or the server is broken.
  const refused = status === 409 || status === 422;
  if (typeof betId !== 'string' || (status !== 201 && (!refused || typeof code !== 'string'))) {
    throw new Error(`bet ${bet.index}: ${status} ${JSON.stringify(body)}`);
  }
  return { bet, accountId, betId, code: refused ? String(code) : undefined, odds: oddsOf(body['legs']) };
}

function oddsOf(legs: unknown): readonly string[] {
  return Array.isArray(legs) ? legs.map((leg: { odds?: unknown }) => String(leg.odds)) : [];
}

function byBettor(bets: readonly PlannedBet[]): ReadonlyMap<number, readonly PlannedBet[]> {
  return Map.groupBy(bets, (bet) => bet.bettor);
}

function bettorAt(bettors: readonly Bettor[], number: number): Bettor {
  const bettor = bettors[number];
  if (bettor === undefined) throw new Error(`there is no bettor ${number}`);
  return bettor;
}
