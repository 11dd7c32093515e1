// The trader's side of a season over HTTP: offers windows of fixtures, moves prices, starts and ends matches, and results markets.
// Keeps the version that each answer gave: slips name it, so they are judged against prices at least as new. Called by play.ts.

import { marketStream } from '@wagerline/shared-kernel/values/ids';
import { inParallel, type Caller } from './api.ts';
import { resultsOf, selectionName, type PlannedFixture, type PlannedMarket, type Prices } from './plan.ts';

/** What was bet on a market is told to it within moments; each try waits for that, too. */
const waitsMax = 50;

export class Trader {
  readonly #caller: Caller;
  readonly #versions = new Map<string, number>();

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  get marketsOpened(): number {
    return this.#versions.size;
  }

  versionOf(marketId: string): number {
    const version = this.#versions.get(marketId);
    if (version === undefined) throw new Error(`market ${marketId} was not opened`);
    return version;
  }

  /** Schedules the fixtures, then opens their markets at opening prices. */
  async offer(fixtures: readonly PlannedFixture[]): Promise<void> {
    await inParallel(fixtures, async ({ fixtureId, sport, competition, home, away, startsAt }) => {
      await this.#caller.do('PUT', `/v1/fixtures/${fixtureId}`, { body: { sport, competition, home, away, startsAt } });
    });
    await this.#eachMarket(fixtures, async (market, fixture) => {
      if (market.opening !== undefined) await this.#open(market, market.opening, fixture);
    });
  }

  /** To closing prices; a handicap whose line has moved closes, and one at the new line opens. */
  async movePrices(fixtures: readonly PlannedFixture[]): Promise<void> {
    await this.#eachMarket(fixtures, async (market, fixture) => {
      const { opening, closing } = market;
      if (closing === undefined) await this.command(market.marketId, 'close', { reason: 'line-moved' });
      else if (opening === undefined) await this.#open(market, closing, fixture);
      else await this.command(market.marketId, 'prices', { prices: closing });
    });
  }

  /** Starts the fixtures and waits until their markets are closed: that is the server's work, one version after the last one known. */
  async start(fixtures: readonly PlannedFixture[]): Promise<void> {
    await inParallel(fixtures, ({ fixtureId }) => this.fixture(fixtureId, 'start', {}));
    await this.#eachMarket(fixtures, async (market) => {
      if (market.closing !== undefined) await this.awaitStatus(market.marketId, 'closed');
    });
  }

  async end(fixtures: readonly PlannedFixture[]): Promise<void> {
    await inParallel(fixtures, ({ fixtureId, score }) => this.fixture(fixtureId, 'end', { score }));
  }

  async result(fixtures: readonly PlannedFixture[]): Promise<void> {
    await this.#eachMarket(fixtures, async (market, { score }) => {
      await this.command(market.marketId, 'result', { results: resultsOf(market, score) });
    });
  }

  async fixture(fixtureId: string, action: string, body: Body): Promise<void> {
    await this.#caller.do('POST', `/v1/fixtures/${fixtureId}/${action}`, { body });
  }

  async openMarket(marketId: string, terms: Body): Promise<void> {
    this.#learn(marketId, await this.#caller.do('PUT', `/v1/markets/${marketId}`, { body: terms }));
  }

  async command(marketId: string, action: string, body: Body): Promise<void> {
    this.#learn(marketId, await this.decide('POST', `/v1/markets/${marketId}/${action}`, body));
  }

  /** Asked for again, a decision that waits is the same one. @throws Error when it waits for a second person */
  async decide(method: 'POST' | 'PUT', path: string, body: Body): ReturnType<Caller['do']> {
    for (let tries = 1; tries <= waitsMax; tries += 1) {
      const answer = await this.#caller.do(method, path, { body });
      if (answer['waitsFor'] === undefined) return answer;
    }
    throw new Error(`${method} ${path} waits for a second person`);
  }

  /** The market gets that status by what something else than this trader writes: a void is asked for, and takes effect when its bets are added up. */
  async awaitStatus(marketId: string, status: string): Promise<void> {
    for (let tries = 1; tries <= waitsMax; tries += 1) {
      const minRevision = `${marketStream(marketId)}@${this.versionOf(marketId) + 1}`;
      const market = await this.#caller.do('GET', `/v1/markets/${marketId}`, { minRevision });
      this.#learn(marketId, market);
      if (market['status'] === status) return;
    }
    throw new Error(`market ${marketId} does not become ${status}`);
  }

  async #open(market: PlannedMarket, prices: Prices, fixture: PlannedFixture): Promise<void> {
    const { marketId, fixtureId, kind, line } = market;
    const selections = prices.map(({ selectionId, odds }) => ({ selectionId, name: selectionName(market, selectionId, fixture), odds }));
    await this.openMarket(marketId, { fixtureId, kind, line, selections });
  }

  #learn(marketId: string, { version }: Awaited<ReturnType<Caller['do']>>): void {
    if (typeof version !== 'number') throw new Error(`no version of market ${marketId} in the answer`);
    this.#versions.set(marketId, version);
  }

  #eachMarket(fixtures: readonly PlannedFixture[], work: (market: PlannedMarket, fixture: PlannedFixture) => Promise<void>): Promise<void> {
    const all = fixtures.flatMap((fixture) => fixture.markets.map((market) => ({ market, fixture })));
    return inParallel(all, ({ market, fixture }) => work(market, fixture));
  }
}

type Body = NonNullable<NonNullable<Parameters<Caller['do']>[2]>['body']>;
