// Loads of bets on one server: tokens for all bettors, slips on the season's book, and the runs. Used by the parts of the bench.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiClient } from '../server/api-client.ts';
import type { BenchContext, BenchServer } from './bench-context.ts';
import { slipsOf, type BetLoad } from './bet-requests.ts';
import type { BookFixture } from './book.ts';
import { forkLoad, type LoadPlan, type LoadResult } from './load.ts';
import { threadTimes, timesSince, type ThreadTimes } from './process-cost.ts';

const sourceModule = new URL('./bet-requests.ts', import.meta.url).href;
/** The first answers after a pause are slow ones; they are sent and checked, and not counted. */
const roundWarmupMs = 500;
/** Far more than every load needs; a server that hangs must not keep the bench for ever. */
const warmUpMsMax = 120_000;

/** A server process that takes bets. */
export type Target = { readonly url: string; readonly pid: number };
export type Round = { readonly result: LoadResult; readonly times: ThreadTimes };

export class BetLoads {
  readonly #context: BenchContext;
  readonly #files: Omit<BetLoad, 'run'>;
  readonly #slips: readonly string[];
  readonly #accepted = new Map<string, number>();
  #runs = 0;

  constructor(context: BenchContext, files: Omit<BetLoad, 'run'>, slips: readonly string[]) {
    this.#context = context;
    this.#files = files;
    this.#slips = slips;
  }

  get meanSlipBytes(): number {
    return Math.round(this.#slips.reduce((sum, slip) => sum + Buffer.byteLength(slip), 0) / this.#slips.length);
  }

  /** Bets that this server has acknowledged here. */
  acceptedOf(url: string): number {
    return this.#accepted.get(url) ?? 0;
  }

  #count(url: string, accepted: number): void {
    this.#accepted.set(url, this.acceptedOf(url) + accepted);
  }

  /** A real answer for each number of legs, by placing a bet: what the bare server answers with. */
  async answers(server: BenchServer, accountId: string): Promise<readonly string[]> {
    const bettor = apiClient(server.url, await server.token(accountId, ['bettor']));
    const answers: string[] = [];
    for (const [index, slip] of this.#slips.slice(0, 3).entries()) {
      const { body } = await bettor.call('POST', '/v1/bets', { body: JSON.parse(slip), idempotencyKey: `sample-${index}` });
      answers.push(JSON.stringify(body));
    }
    this.#count(server.url, answers.length);
    return answers;
  }

  /** Every bettor so many times: tokens are verified, accounts loaded and code compiled before anything is measured. */
  async warmUp(name: string, url: string, times = 1): Promise<void> {
    const requestsMax = this.#context.sizes.bettorCount * times;
    await this.#run(`${name}, every bettor ${times} times`, url, { warmupMs: warmUpMsMax, durationMs: 0, requestsMax });
  }

  /** As fast as the connections get their answers. */
  async peak(name: string, { url, pid }: Target, durationMs: number): Promise<Round> {
    const before = threadTimes(pid);
    const result = await this.#run(name, url, { warmupMs: roundWarmupMs, durationMs });
    return { result, times: timesSince(before, threadTimes(pid)) };
  }

  async offered(name: string, url: string, offeredPerSecond: number, durationMs: number): Promise<LoadResult> {
    return this.#run(name, url, { warmupMs: roundWarmupMs, durationMs, offeredPerSecond });
  }

  async #run(name: string, url: string, pace: Omit<LoadPlan, 'host' | 'port' | 'connectionCount'>): Promise<LoadResult> {
    const { sizes, progress } = this.#context;
    const { hostname, port } = new URL(url);
    progress(name);
    const plan = { host: hostname, port: Number(port), connectionCount: sizes.connectionCount, ...pace };
    const run = `${process.pid}-${this.#runs++}`;
    const result = await forkLoad({ plan, sourceModule, settings: { ...this.#files, run } });
    this.#context.expectAccepted(name, result);
    this.#count(url, result.sentInAll - result.unanswered);
    progress(`${name}: ${result.answeredPerSecond}/s, p95 ${result.p95Ms} ms`);
    return result;
  }
}

export async function prepareLoads(
  context: BenchContext,
  server: BenchServer,
  bettors: readonly string[],
  book: readonly BookFixture[],
): Promise<BetLoads> {
  const folder = await context.folder();
  const files = { tokensFile: join(folder, 'tokens.json'), slipsFile: join(folder, 'slips.json') };
  const slips = slipsOf(book, context.sizes.slipCount);
  const tokens = await Promise.all(bettors.map((accountId) => server.token(accountId, ['bettor'])));
  await writeFile(files.tokensFile, JSON.stringify(tokens));
  await writeFile(files.slipsFile, JSON.stringify(slips));
  return new BetLoads(context, files, slips);
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
