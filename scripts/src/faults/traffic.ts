// Paced requests to a running Wagerline: bets, the reads of each engine, and prices that move, so many of each in a tick whatever becomes of
// the ones before. Used by the fault tests. It remembers what it asked for and what was acknowledged: nothing of that may be lost or doubled.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Role } from '@wagerline/infra/auth';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';

/** `history` is read from MongoDB, `odds` from Redis and MongoDB, `search` from Elasticsearch. */
export const kinds = ['bet', 'history', 'odds', 'search', 'price'] as const;
export type Kind = (typeof kinds)[number];
/** Status 0: no answer. */
export type Answer = { readonly kind: Kind; readonly status: number; readonly code: string; readonly retryAfter: string | null; readonly ms: number };
export type Reply = { readonly status: number; readonly body: JsonObject; readonly retryAfter: string | null };

export type Bettor = { readonly accountId: string; readonly token: string };
/** `betId` once it is acknowledged. */
export type AskedBet = { readonly bettor: Bettor; readonly key: string; readonly slip: JsonObject; betId: string | undefined; revision: number };
type Market = { readonly marketId: string; version: number };

/** Counted one by one: however long a machine stands still, its clients have waited one second more. */
const answerSecondsMax = 30;
const tickMs = 100;
const marketCount = 4;
/** A price moves in every so many ticks. */
const ticksPerPrice = 3;
const inFlightMax = 32;
const depositMinor = 10_000_000;
const triesMax = 300;
const retryDelayMs = 100;

export class Traffic {
  readonly #url: string;
  readonly #tokenOf: (sub: string, role: Role) => Promise<string>;
  readonly bets: AskedBet[] = [];
  readonly bettors: Bettor[] = [];
  readonly #markets: Market[] = [];
  #trader = '';
  #ticks = 0;

  constructor(url: string, tokenOf: (sub: string, role: Role) => Promise<string>) {
    this.#url = url;
    this.#tokenOf = tokenOf;
  }

  async open(bettorCount: number): Promise<void> {
    this.#trader = await this.#tokenOf('trader', 'trader');
    for (let index = 0; index < marketCount; index += 1) {
      const fixtureId = `match-${index}`;
      const fixture = { sport: 'football', competition: 'E0', home: `Home ${index}`, away: `Away ${index}`, startsAt: '2030-01-01T15:00:00.000Z' };
      await this.#surely('PUT', `/v1/fixtures/${fixtureId}`, this.#trader, fixture);
      const market = { fixtureId, kind: 'match-result', selections: ['home', 'draw', 'away'].map((id) => ({ selectionId: id, name: id, odds: '3' })) };
      const { body } = await this.#surely('PUT', `/v1/markets/${fixtureId}.1x2`, this.#trader, market);
      this.#markets.push({ marketId: `${fixtureId}.1x2`, version: Number(body['version']) });
    }
    for (let index = 0; index < bettorCount; index += 1) {
      const accountId = randomUUID();
      const bettor = { accountId, token: await this.#tokenOf(accountId, 'bettor') };
      await this.#surely('PUT', `/v1/accounts/${accountId}`, bettor.token, { currency: 'GBP', brand: 'test', jurisdiction: 'GB' });
      await this.#surely('POST', `/v1/accounts/${accountId}/deposits`, bettor.token, { amountMinor: depositMinor, currency: 'GBP' }, 'deposit');
      this.bettors.push(bettor);
    }
  }

  /**
   * Sends for so many ticks, and answers when every answer is there. `during` is called in the middle. `stallMs`: by how much the latest
   * of all ticks was late.
   */
  async run(ticks: number, during: () => Promise<void> = async () => undefined): Promise<{ readonly answers: readonly Answer[]; readonly stallMs: number }> {
    const sent: Promise<Answer>[] = [];
    let stallMs = 0;
    const paced = async (): Promise<void> => {
      const sleptAtMs = performance.now();
      await delay(tickMs);
      stallMs = Math.max(stallMs, performance.now() - sleptAtMs - tickMs);
    };
    let middle: Promise<void> | undefined;
    for (let tick = 0; tick < ticks; tick += 1) {
      sent.push(...this.#tick());
      if (tick === Math.floor(ticks / 2)) middle = during();
      await paced();
    }
    await middle;
    let isAnswered = false;
    const answers = Promise.all(sent).finally(() => (isAnswered = true));
    while (!isAnswered) await paced();
    return { answers: await answers, stallMs };
  }

  /** So many bets as fast as they are taken, each until it is acknowledged. */
  async placeMany(count: number): Promise<void> {
    const asked = Array.from({ length: count }, (_, index) => this.#newBet(index));
    await this.#inParallel(asked, (bet) => this.#placeSurely(bet));
  }

  /** Sends again, under its key, whatever was not acknowledged. */
  async settleUp(): Promise<void> {
    await this.#inParallel(this.bets.filter(({ betId }) => betId === undefined), (bet) => this.#placeSurely(bet));
  }

  async send(method: string, path: string, token: string | undefined, body?: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const patience = new AbortController();
    let seconds = 0;
    const waiting = setInterval(() => {
      seconds += 1;
      if (seconds === answerSecondsMax) patience.abort(new Error(`${method} ${path}: no answer within ${answerSecondsMax} s`));
    }, 1_000);
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: patience.signal,
      });
      return { status: response.status, body: (await response.json()) as JsonObject, retryAfter: response.headers.get('retry-after') };
    } finally {
      clearInterval(waiting);
    }
  }

  async areReadsAnswered(): Promise<boolean> {
    return (await Promise.all(this.#reads(0))).every(({ status }) => status === 200);
  }

  #reads(tick: number): Promise<Answer>[] {
    return [
      this.#timed('history', this.send('GET', '/v1/bets?limit=5', this.#bettor(tick).token)),
      this.#timed('odds', this.send('GET', `/v1/markets/${this.#market(tick).marketId}`, undefined)),
      this.#timed('search', this.send('GET', '/v1/fixtures?q=home', undefined)),
    ];
  }

  #tick(): Promise<Answer>[] {
    const tick = this.#ticks;
    this.#ticks += 1;
    return [
      this.#timed('bet', this.#place(this.#newBet(tick))),
      ...this.#reads(tick),
      ...(tick % ticksPerPrice === 0 ? [this.#timed('price', this.#movePrice(tick))] : []),
    ];
  }

  #newBet(index: number): AskedBet {
    const bettor = this.#bettor(index);
    const { marketId, version } = this.#market(index);
    const leg = { marketId, selectionId: 'home', odds: '3', marketVersion: version };
    const slip = { type: 'single', currency: 'GBP', stakeMinor: 100, oddsChangePolicy: 'any', legs: [leg] };
    const bet = { bettor, key: randomUUID(), slip, betId: undefined, revision: 0 };
    this.bets.push(bet);
    return bet;
  }

  async #place(bet: AskedBet): Promise<Reply> {
    const reply = await this.send('POST', '/v1/bets', bet.bettor.token, bet.slip, { 'idempotency-key': bet.key });
    if (reply.status === 201) {
      bet.betId = String(reply.body['betId']);
      bet.revision = Number(reply.body['revision']);
    }
    return reply;
  }

  async #placeSurely(bet: AskedBet): Promise<void> {
    await surely(`bet ${bet.key}`, () => this.#place(bet));
  }

  async #movePrice(tick: number): Promise<Reply> {
    const { marketId } = this.#market(tick);
    const prices = ['home', 'draw', 'away'].map((selectionId) => ({ selectionId, odds: `${3 + (tick % 7) / 10}` }));
    return this.send('POST', `/v1/markets/${marketId}/prices`, this.#trader, { prices });
  }

  async #surely(method: string, path: string, token: string, body: JsonObject, key?: string): Promise<Reply> {
    return surely(`${method} ${path}`, () => this.send(method, path, token, body, key === undefined ? {} : { 'idempotency-key': key }));
  }

  async #timed(kind: Kind, reply: Promise<Reply>): Promise<Answer> {
    const startedMs = performance.now();
    const { status, body, retryAfter } = await reply.catch((): Reply => ({ status: 0, body: {}, retryAfter: null }));
    return { kind, status, code: String(body['code'] ?? ''), retryAfter, ms: performance.now() - startedMs };
  }

  async #inParallel(bets: readonly AskedBet[], work: (bet: AskedBet) => Promise<void>): Promise<void> {
    const left = bets.values();
    const worker = async (): Promise<void> => {
      for (const bet of left) await work(bet);
    };
    await Promise.all(Array.from({ length: inFlightMax }, worker));
  }

  #bettor(index: number): Bettor {
    return at(this.bettors, index);
  }

  #market(index: number): Market {
    return at(this.#markets, index);
  }
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('the traffic was not opened');
  return item;
}

/** A success, after as many 503 and broken connections as it takes. @throws Error for any other answer */
async function surely(what: string, send: () => Promise<Reply>): Promise<Reply> {
  let last = '';
  for (let tries = 0; tries < triesMax; tries += 1) {
    try {
      const reply = await send();
      if (reply.status < 300) return reply;
      last = `${reply.status} ${JSON.stringify(reply.body)}`;
      if (reply.status !== 503) break;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(retryDelayMs);
  }
  throw new Error(`${what}: ${last}`);
}
