// Where incidents happen: fixtures, markets and accounts of their own, so that the season's stay as they are. Called by the incident files.

import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Answer, Caller } from './api.ts';
import { pricesInView, settled } from './barrier.ts';
import { accountIdOf, currency, deposit, openAccount, type Bettor } from './bettors.ts';
import { readBet, readStatement, type BetRead, type StatementLineRead } from './read-back.ts';
import type { SeasonServer } from './season-server.ts';
import { Trader } from './trader.ts';

export type StageLeg = { readonly marketId: string; readonly selectionId: string; readonly odds: string };
export type Outcome = 'home' | 'draw' | 'away';

/** Every market of the stage but the handicaps: these odds on the result of the match. */
export const stageOdds = { home: '2.5', draw: '3.2', away: '2.9' } as const;
const startsAt = '2030-01-01T15:00:00.000Z';

export class Stage {
  readonly trading: Caller;
  readonly admin: Caller;
  readonly trader: Trader;
  readonly #server: SeasonServer;
  readonly #seed: number;
  readonly #undecided = new Set<string>();

  constructor(server: SeasonServer, seed: number, callers: { readonly trading: Caller; readonly admin: Caller }) {
    this.#server = server;
    this.#seed = seed;
    this.trading = callers.trading;
    this.admin = callers.admin;
    this.trader = new Trader(callers.trading);
  }

  accountId(name: string): string {
    return accountIdOf(this.#seed, name);
  }

  async as(name: string): Promise<Bettor> {
    const accountId = this.accountId(name);
    return { accountId, caller: await this.#server.as(accountId, 'bettor') };
  }

  /** An open account with so much money. */
  async bettor(name: string, fundsMinor: number): Promise<Bettor> {
    const bettor = await this.as(name);
    await openAccount(bettor);
    if (fundsMinor > 0) await deposit(bettor, fundsMinor, 'funds');
    return bettor;
  }

  async fixture(name: string): Promise<string> {
    const fixtureId = `incident.${name}`;
    const body = { sport: 'football', competition: 'incidents', home: 'Home', away: 'Away', startsAt };
    await this.trading.do('PUT', `/v1/fixtures/${fixtureId}`, { body });
    return fixtureId;
  }

  /** A fixture with one open match-result market of the same id. */
  async match(name: string, limits: JsonObject = {}): Promise<string> {
    const fixtureId = await this.fixture(name);
    return this.market(fixtureId, fixtureId, { kind: 'match-result', selections: selectionsAt(stageOdds), ...limits });
  }

  async market(marketId: string, fixtureId: string, terms: JsonObject): Promise<string> {
    await this.trader.openMarket(marketId, { fixtureId, ...terms });
    this.#undecided.add(marketId);
    await pricesInView(this.admin);
    return marketId;
  }

  on(marketId: string, selectionId: Outcome): StageLeg {
    return { marketId, selectionId, odds: stageOdds[selectionId] };
  }

  /** `key` is the Idempotency-Key, and makes the bet's id. */
  async place({ caller }: Bettor, key: string, stakeMinor: number, legs: readonly StageLeg[], more: JsonObject = {}): Promise<Answer> {
    const shape = 'folds' in more || 'lines' in more ? {} : { type: legs.length === 1 ? 'single' : 'accumulator' };
    const stake = 'totalStakeMinor' in more ? {} : { stakeMinor };
    return caller.call('POST', '/v1/bets', { body: { ...shape, currency, ...stake, legs, ...more }, key });
  }

  /** @throws Error when the bet is refused */
  async accepted(bettor: Bettor, key: string, stakeMinor: number, legs: readonly StageLeg[]): Promise<string> {
    const { status, body } = await this.place(bettor, key, stakeMinor, legs);
    if (status !== 201) throw new Error(`bet ${key} was refused: ${JSON.stringify(body)}`);
    return betIdOf(bettor.accountId, key);
  }

  async decide(marketId: string, winner: Outcome, action: 'result' | 'correction' = 'result'): Promise<void> {
    this.#undecided.delete(marketId);
    if (action === 'result') await this.trader.command(marketId, 'close', { reason: 'full-time' });
    const results = Object.keys(stageOdds).map((selectionId) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));
    await this.trader.command(marketId, action, { results, ...(action === 'correction' && { reason: 'feed-error' }) });
  }

  decided(marketId: string): void {
    this.#undecided.delete(marketId);
  }

  /** Voids what no incident has decided, so that no bet stays open. */
  async clear(): Promise<void> {
    for (const marketId of this.#undecided) await this.trader.command(marketId, 'void', { reason: 'cleared' });
    this.#undecided.clear();
    await settled(this.admin);
  }

  async settled(): Promise<void> {
    await settled(this.admin);
  }

  bet(bettor: Bettor, betId: string): Promise<BetRead> {
    return readBet(this.admin, bettor.accountId, betId);
  }

  /** What the bettor's balance changed by, line by line. */
  async statement(bettor: Bettor): Promise<readonly number[]> {
    const lines = await readStatement(this.admin, bettor.accountId);
    return lines.map((line) => ownMinor(line, bettor.accountId));
  }
}

export function selectionsAt(odds: Readonly<Record<string, string>>): readonly JsonObject[] {
  return Object.entries(odds).map(([selectionId, price]) => ({ selectionId, name: selectionId, odds: price }));
}

function ownMinor({ postings }: StatementLineRead, accountId: string): number {
  return postings.find(({ account }) => account === `bettor:${accountId}`)?.amountMinor ?? 0;
}
