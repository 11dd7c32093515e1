// Is everything served again? After each kill a new fixture is opened, every account bets on it, and the bets, the fixture and its prices
// are asked of the query API until they are there; then it is resulted, and the bets are asked for until they are settled.

import { setTimeout as delay } from 'node:timers/promises';
import { accountStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import { z } from 'zod';
import { inParallel } from '../../season/api.ts';
import type { Account, Bettors } from '../bettors.ts';
import type { Fact, Findings } from '../facts.ts';
import { UnexpectedAnswer, type Line, type Sent } from '../line.ts';
import type { Trader } from '../trader.ts';

/** From the kill on, in ms. */
export type Recovery = {
  /** A new bet of every account was placed and seen in the query API. */
  readonly seenMs: number;
  /** And its fixture found by search, its prices read. */
  readonly readMs: number;
  /** And the bets settled. */
  readonly settledMs: number;
};

export type ProbeOptions = {
  readonly line: Line;
  readonly trader: Trader;
  readonly bettors: Bettors;
  readonly accounts: readonly Account[];
  readonly findings: Findings;
};

const bet = z.object({ betId: z.string(), status: z.string() });
const found = z.object({ fixtures: z.array(z.object({ fixtureId: z.string() })) });
const pollMs = 100;

export class Probe {
  readonly #options: ProbeOptions;
  #count = 0;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** `killedAtMs` by performance.now(). The line decides how long it waits for answers; `signal` ends the looking for effects. */
  async run(killedAtMs: number, signal: AbortSignal): Promise<Recovery> {
    const { trader, accounts, findings } = this.#options;
    const sinceKill = (): number => Math.round(performance.now() - killedAtMs);
    const fixtureId = `probe-${(this.#count += 1)}`;
    const home = `Prober${this.#count}`;
    const market = await trader.open({ fixtureId, home });
    const minRevision = `${marketStream(market.marketId)}@${market.version}`;
    const listed = Promise.all([
      this.#untilFound(fixtureId, home, minRevision, signal),
      this.#get({ method: 'GET', path: `/v1/markets/${market.marketId}`, token: '', minRevision }),
    ]);
    // Looked at below; until then a failure must not end the process.
    listed.catch(() => undefined);
    const placed: { readonly account: Account; readonly fact: Fact }[] = [];
    await inParallel(accounts, async (account) => {
      const fact = await this.#bet(account, market, signal);
      if (fact?.accepted !== true) return findings.add('not-recovered', `${fixtureId}: a bet of ${account.accountId} was answered ${fact?.answer}`);
      await this.#get(shown(account, fact));
      placed.push({ account, fact });
    });
    const seenMs = sinceKill();
    await listed;
    const readMs = sinceKill();
    await trader.closeAndResult(market.marketId, 'home');
    await inParallel(placed, async ({ account, fact }) => this.#untilSettled(shown(account, fact), signal));
    return { seenMs, readMs, settledMs: sinceKill() };
  }

  /** A process of the command side that has not heard of the market yet refuses the bet: the bettor makes another one. */
  async #bet(account: Account, market: Parameters<Bettors['betOn']>[1], signal: AbortSignal): Promise<Fact | undefined> {
    for (;;) {
      const fact = await this.#options.bettors.betOn(account, market);
      if (fact === undefined || fact.accepted || !fact.answer.includes('MARKET_UNKNOWN')) return fact;
      await delay(pollMs, undefined, { signal });
    }
  }

  async #untilFound(fixtureId: string, home: string, minRevision: string, signal: AbortSignal): Promise<void> {
    const sent: Sent = { method: 'GET', path: `/v1/fixtures?q=${home}`, token: '', minRevision };
    for (;;) {
      const { fixtures } = found.parse(await this.#get(sent));
      if (fixtures.some((fixture) => fixture.fixtureId === fixtureId)) return;
      await delay(pollMs, undefined, { signal });
    }
  }

  async #untilSettled(sent: Sent, signal: AbortSignal): Promise<void> {
    while (bet.parse(await this.#get(sent)).status !== 'settled') await delay(pollMs, undefined, { signal });
  }

  /** The line repeats a 503: behind, parked, away. */
  async #get(sent: Sent): Promise<unknown> {
    const answer = await this.#options.line.ask(sent);
    if (answer.status !== 200) throw new UnexpectedAnswer(sent, answer);
    return JSON.parse(answer.text);
  }
}

/** The bet as its bettor reads what he has just written. */
function shown({ accountId, token }: Account, { body }: Fact): Sent {
  const minRevision = `${accountStream(accountId)}@${String(body['revision'])}`;
  return { method: 'GET', path: `/v1/bets/${String(body['betId'])}`, token, minRevision };
}
