// One crash test on the engines: load on every part, kills spread over parts and engines, after each the question whether everything is
// served again, and at the end whether everything acknowledged is there, once. Called by crash-test.ts. Leaves nothing behind.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nativeEngines } from '../../engines/own-engines.ts';
import { settings as twoCores } from '../../engines/two-cores.ts';
import { seededRandom, type Random } from '../../season/random.ts';
import { auditAnswers, auditQueries } from '../api-audit.ts';
import { auditLog, stage } from '../auditing.ts';
import { Bettors, type Account } from '../bettors.ts';
import { expectedAccounts } from '../expected.ts';
import { Findings } from '../facts.ts';
import { Line } from '../line.ts';
import { LogAudit } from '../log-audit.ts';
import { Operator } from '../operator.ts';
import { Trader } from '../trader.ts';
import { Cluster, type ClusterOptions, type VictimName } from './cluster.ts';
import { Probe } from './probe.ts';
import { enginesReportOf, type EnginesCrashReport, type Kill } from './report.ts';
import { sharedParts, takeOver, type Takeover } from './takeover.ts';

export type EnginesCrashOptions = {
  readonly kills: number;
  readonly seed: number;
  /** What is killed, in turn and in the order of chance. */
  readonly victims: readonly VictimName[];
  /** False leaves them out. */
  readonly takeovers?: boolean;
  /** What is not served again by then is a finding. */
  readonly recoveryMsMax?: number;
};

const accountCount = 24;
const clientCount = 16;
const retryDelayMs = 200;
/** Before a kill the clients send as fast as they can; while everything recovers, a few requests per interval: two cores have to do both. */
const requestsPerLife = 250;
const lifeMsMin = 200;
const lifeMsSpread = 800;
const recovering = { requests: 5, everyMs: 250 };
const recoveryMsMaxDefault = 45_000;
/** By then nobody waits any longer. */
const probeMsMax = 150_000;
const effectsMsMax = 120_000;
const runMsMax = 600_000;
const runMsMaxPerKill = 60_000;
const seedMax = 0xffff_ffff;

/** @throws ToolError when an engine cannot be started here */
export async function runEnginesCrashTest(options: EnginesCrashOptions, progress: (text: string) => void): Promise<EnginesCrashReport> {
  const engines = await nativeEngines(progress);
  try {
    return await crashTestOn({ ...engines, settings: { ...engines.settings, ...twoCores } }, options, progress);
  } finally {
    await engines.stop();
  }
}

/** On engines that run already, and that `fleet` may kill. */
export async function crashTestOn(
  { settings, fleet }: Omit<ClusterOptions, 'dataDir'>,
  options: EnginesCrashOptions,
  progress: (text: string) => void,
): Promise<EnginesCrashReport> {
  const workDir = mkdtempSync(join(tmpdir(), 'wagerline-crash-'));
  const removeFiles = (): void => rmSync(workDir, { recursive: true, force: true, maxRetries: 5 });
  // Also when a signal ends the process: whoever has the engines listens to those, and parts end with their starter.
  process.once('exit', removeFiles);
  const line = new Line(clientCount + accountCount, retryDelayMs);
  const msMax = runMsMax + runMsMaxPerKill * options.kills;
  const overdue = setTimeout(() => line.fail(new Error(`the run is not over after ${msMax} ms`)), msMax);
  progress('starting every part');
  const cluster = await Cluster.start({ dataDir: join(workDir, 'data'), settings, fleet });
  try {
    return await new EnginesRun(options, cluster, line, progress).run();
  } finally {
    clearTimeout(overdue);
    line.close();
    await cluster.stop();
    removeFiles();
    process.off('exit', removeFiles);
  }
}

class EnginesRun {
  readonly #options: EnginesCrashOptions;
  readonly #cluster: Cluster;
  readonly #line: Line;
  readonly #progress: (text: string) => void;
  readonly #random: Random;
  readonly #recoveryMsMax: number;
  readonly #findings = new Findings();
  readonly #kills: Kill[] = [];
  readonly #takeovers: Takeover[] = [];

  constructor(options: EnginesCrashOptions, cluster: Cluster, line: Line, progress: (text: string) => void) {
    this.#options = options;
    this.#cluster = cluster;
    this.#line = line;
    this.#progress = progress;
    this.#random = seededRandom(options.seed);
    this.#recoveryMsMax = options.recoveryMsMax ?? recoveryMsMaxDefault;
  }

  async run(): Promise<EnginesCrashReport> {
    const startedMs = performance.now();
    const { seed } = this.#options;
    const [line, cluster, findings, progress] = [this.#line, this.#cluster, this.#findings, this.#progress];
    line.up(cluster.url);
    const accounts: Account[] = [];
    for (let count = 0; count < accountCount; count += 1) {
      const accountId = randomUUID();
      accounts.push({ accountId, token: await cluster.token(accountId, 'bettor') });
    }
    const trader = new Trader(line, await cluster.token('trader', 'trader'), seededRandom(this.#random.below(seedMax)), findings);
    const bettors = new Bettors({ line, accounts, offered: trader.offered, findings });
    const operator = new Operator(line, await cluster.token('operator', 'admin'), findings);
    const isWhole = await this.#underLoad(bettors, trader, new Probe({ line, trader, bettors, accounts, findings }));
    const auditing = { findings, progress };
    const audit = new LogAudit();
    let documents = {};
    if (isWhole) await stage(auditing, 'effects', () => operator.awaitEffects(effectsMsMax));
    await stage(auditing, 'the log', () => this.#auditLog(audit, bettors, trader));
    if (isWhole) {
      await stage(auditing, 'the API', () => auditQueries({ line, accounts, findings }, expectedAccounts(bettors.facts, trader.endings, audit.bets)));
      await stage(auditing, 'every answer again', () => auditAnswers({ line, accounts, findings }, bettors.facts, this.#random));
      await stage(auditing, 'the ledger', () => operator.verifyLedger(audit.events));
      await stage(auditing, 'rebuilds', async () => {
        documents = await operator.compareWithRebuild();
      });
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    const seen = { line, bettors, trader, findings, events: audit.events, documents, seconds };
    return enginesReportOf({ seed, kills: this.#kills, takeovers: this.#takeovers, ...seen });
  }

  /** Answers whether everything is there again, and can be asked. */
  async #underLoad(bettors: Bettors, trader: Trader, probe: Probe): Promise<boolean> {
    await bettors.openAccounts();
    const randoms = Array.from({ length: clientCount }, () => seededRandom(this.#random.below(seedMax)));
    // Looked at below; until then a failure must not end the process.
    const load = Promise.all([trader.run(), bettors.run(randoms)]);
    load.catch(() => undefined);
    const trickle = setInterval(() => (bettors.isIdle ? bettors.allow(recovering.requests) : undefined), recovering.everyMs);
    try {
      for (const [index, victim] of planOf(this.#options, this.#random).entries()) await this.#kill(index + 1, victim, bettors, probe);
      if (this.#options.takeovers !== false) for (const part of sharedParts) await this.#takeOver(part, probe);
      bettors.stop();
      trader.stop();
      await inTime('the end of the load', () => load);
      return true;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#findings.add('not-recovered', `${failure.message}; unanswered: ${this.#line.pending().join('; ')}`);
      bettors.stop();
      trader.stop();
      this.#line.fail(failure);
      return false;
    } finally {
      clearInterval(trickle);
    }
  }

  async #kill(count: number, victim: VictimName, bettors: Bettors, probe: Probe): Promise<void> {
    bettors.allow(requestsPerLife);
    await delay(lifeMsMin + this.#random.below(lifeMsSpread));
    const what = `kill ${count} of ${this.#options.kills}, ${victim}`;
    this.#progress(`${what}: ${bettors.facts.length} answers, ${this.#line.retried} requests repeated`);
    const killedAtMs = performance.now();
    const { back } = await this.#cluster.kill(victim, this.#random);
    const [recovery] = await inTime(what, (signal) => Promise.all([probe.run(killedAtMs, signal), back]));
    const kill = { victim, ...recovery, wholeMs: Math.round(performance.now() - killedAtMs) };
    this.#kills.push(kill);
    this.#judge(what, kill.wholeMs);
  }

  async #takeOver(part: Takeover['part'], probe: Probe): Promise<void> {
    this.#progress(`taking over from a killed ${part}`);
    const takeover = await inTime(`taking over from a killed ${part}`, (signal) => takeOver(this.#cluster, probe, part, signal));
    this.#takeovers.push(takeover);
    this.#judge(`taking over from a killed ${part}`, takeover.ms);
  }

  #judge(what: string, tookMs: number): void {
    if (tookMs > this.#recoveryMsMax) this.#findings.add('not-recovered', `${what}: it took ${tookMs} ms, more than ${this.#recoveryMsMax}`);
  }

  async #auditLog(audit: LogAudit, bettors: Bettors, trader: Trader): Promise<void> {
    const { eventStore, close } = await this.#cluster.openLog();
    try {
      await auditLog(eventStore, audit, { bettors, trader }, { findings: this.#findings, progress: this.#progress });
    } finally {
      await close();
    }
  }
}

/** Every victim once, in an order of chance, then every one again. */
function planOf({ kills, victims }: EnginesCrashOptions, random: Random): readonly VictimName[] {
  const rounds = Math.ceil(kills / victims.length);
  return Array.from({ length: rounds }, () => random.shuffled(victims)).flat().slice(0, kills);
}

async function inTime<Result>(what: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), probeMsMax);
  const late = new Promise<never>((_, reject) => {
    overdue.signal.addEventListener('abort', () => reject(new Error(`${what}: not over within ${probeMsMax} ms`)));
  });
  try {
    return await Promise.race([work(overdue.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
