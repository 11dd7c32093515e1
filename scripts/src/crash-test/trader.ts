// The trader of a crash test: opens markets, closes them one way or another, results them, corrects some results, and voids some
// markets, so that bets settle and settle again while the server is killed. Started by crash-run.ts. Every command is repeated until
// it is answered; trading commands are idempotent by what they say.

import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Random } from '../season/random.ts';
import { oddsOf, selections, type Ending, type Findings } from './facts.ts';
import { UnexpectedAnswer, type Line } from './line.ts';

export type OpenMarket = { readonly marketId: string; readonly version: number };
export type MarketNames = { readonly fixtureId: string; readonly home: string };

const lanes = 6;
const openMsMin = 200;
const openMsSpread = 1_200;
/** Together as long as a reactor may be away that is killed with its engine. */
const closingTriesMax = 1_200;
const closingPollMs = 50;

export class Trader {
  readonly #line: Line;
  readonly #token: string;
  readonly #random: Random;
  readonly #findings: Findings;
  #started = 0;
  #stopping = false;
  /** What bettors see. A market stays here a little longer than it is open: some slips come too late. */
  readonly offered = new Map<string, OpenMarket>();
  readonly endings = new Map<string, Ending>();
  corrections = 0;

  constructor(line: Line, token: string, random: Random, findings: Findings) {
    this.#line = line;
    this.#token = token;
    this.#random = random;
    this.#findings = findings;
  }

  /** Resolves, after `stop`, when every market that was opened has its result. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
  }

  /** The markets that are open now are brought to their end, and no other one is opened. */
  stop(): void {
    this.#stopping = true;
  }

  async #lane(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#oneMarket();
      } catch (error) {
        if (!(error instanceof UnexpectedAnswer)) throw error;
        this.#findings.add('unexpected-answer', error.message);
      }
    }
  }

  async #oneMarket(): Promise<void> {
    const fixtureId = `fixture-${(this.#started += 1)}`;
    const random = this.#random;
    const market = await this.open({ fixtureId, home: 'Here' });
    const { marketId } = market;
    this.offered.set(marketId, market);
    await delay(openMsMin + random.below(openMsSpread));
    if (random.chance(40)) await this.#do('POST', `/v1/fixtures/${fixtureId}/start`, {});
    else await this.#close(marketId);
    this.offered.delete(marketId);
    await this.#end(marketId);
  }

  /** A fixture with one market, which no lane offers or ends. */
  async open({ fixtureId, home }: MarketNames): Promise<OpenMarket> {
    const marketId = `${fixtureId}.1x2`;
    await this.#do('PUT', `/v1/fixtures/${fixtureId}`, { ...fixtureTerms, home });
    const prices = selections.map((selectionId) => ({ selectionId, name: selectionId, odds: oddsOf[selectionId] }));
    const { version } = await this.#do('PUT', `/v1/markets/${marketId}`, { fixtureId, kind: 'match-result', selections: prices });
    return { marketId, version: Number(version) };
  }

  /** Of one that `open` has opened. */
  async closeAndResult(marketId: string, winner: Ending): Promise<void> {
    await this.#close(marketId);
    await this.#resultWhenClosed(marketId, winner);
    this.endings.set(marketId, winner);
  }

  async #close(marketId: string): Promise<void> {
    await this.#do('POST', `/v1/markets/${marketId}/close`, { reason: 'kick-off' });
  }

  async #end(marketId: string): Promise<void> {
    const random = this.#random;
    const winner = random.pick(selections);
    const other = random.pick(selections);
    if (random.chance(10)) {
      await this.#do('POST', `/v1/markets/${marketId}/void`, { reason: 'floodlights' });
      this.endings.set(marketId, 'void');
    } else {
      await this.#resultWhenClosed(marketId, winner);
      this.endings.set(marketId, winner);
    }
    if (!random.chance(30)) return;
    await delay(random.below(openMsSpread));
    await this.#do('POST', `/v1/markets/${marketId}/correction`, { results: resultsFor(other), reason: 'second-look' });
    this.endings.set(marketId, other);
    this.corrections += 1;
  }

  /** A market of a fixture that has started is closed by the server, when it gets to it. */
  async #resultWhenClosed(marketId: string, winner: Ending): Promise<void> {
    const path = `/v1/markets/${marketId}/result`;
    const text = JSON.stringify({ results: resultsFor(winner) });
    for (let tries = 0; tries < closingTriesMax; tries += 1) {
      const answer = await this.#line.ask({ method: 'POST', path, token: this.#token, text });
      if (answer.status === 200) return;
      if (answer.status !== waits && !answer.text.includes('MARKET_NOT_CLOSED')) throw new UnexpectedAnswer({ method: 'POST', path }, answer);
      await delay(closingPollMs);
    }
    throw new UnexpectedAnswer({ method: 'POST', path }, { status: 0, text: 'the market does not close after its fixture has started' });
  }

  async #do(method: 'POST' | 'PUT', path: string, body: JsonObject): Promise<JsonObject> {
    const text = JSON.stringify(body);
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#line.ask({ method, path, token: this.#token, text });
      if (answer.status === 200) return JSON.parse(answer.text);
      if (answer.status !== waits || tries === closingTriesMax) throw new UnexpectedAnswer({ method, path }, answer);
      await delay(closingPollMs);
    }
  }
}

/** A decision by hand whose market was not told yet what was bet on it: a killed settlement job is behind. Asked again it is the same one. */
const waits = 202;
const startsAt = '2030-01-01T15:00:00.000Z';
const fixtureTerms = { sport: 'football', competition: 'crash-cup', away: 'There', startsAt };

function resultsFor(winner: Ending): JsonObject[] {
  return selections.map((selectionId) => ({ selectionId, result: selectionId === winner ? 'won' : 'lost' }));
}
