// One crash test: load on a real server, kills at random moments, and then the question whether everything that was acknowledged is
// there, once, and nothing else. Called by crash-test.ts. Leaves neither processes nor files behind.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '@wagerline/infra/config';
import { openHttpInfra, openInfraRoot } from '@wagerline/infra/open-infra';
import type { FaultName } from '../planted-faults/faults.ts';
import { plantFault } from '../planted-faults/planted-copy.ts';
import { seededRandom, type Random } from '../season/random.ts';
import { auditAnswers, auditQueries } from './api-audit.ts';
import { auditLog, stage } from './auditing.ts';
import { Bettors, type Account } from './bettors.ts';
import { expectedAccounts } from './expected.ts';
import { Findings } from './facts.ts';
import { Line } from './line.ts';
import { LogAudit } from './log-audit.ts';
import { buildLossyShim } from './lossy-shim.ts';
import { Operator } from './operator.ts';
import { reportOf, type CrashReport } from './report.ts';
import { Trader } from './trader.ts';
import { Victim } from './victim.ts';

export type CrashOptions = {
  readonly kills: number;
  readonly lossy: boolean;
  readonly seed: number;
  readonly plant: FaultName | undefined;
  /** Leaves the data folder where it is. */
  readonly keep: boolean;
};

const accountCount = 40;
const clientCount = 32;
const requestsPerLifeMax = 1_500;
/** A kill comes so long after the server is ready again. */
const lifeMsMin = 50;
const lifeMsSpread = 1_450;
/** Every tenth life lasts until the event log has started its WAL over, after a checkpoint of its 32 MiB. */
const longLifeEvery = 10;
const longLifeRequests = 4_500;
const longLifeMsMax = 12_000;
const longLifePollMs = 50;
/** In so many of 100 cases the server is killed while it starts, too. */
const killedStartPercent = 20;
const killedStartMsMax = 1_000;
/** For the last answers, and for their effects to be seen. With a planted fault there may be no end to wait for. */
const waits = { drainMsMax: 60_000, effectsMsMax: 90_000 };
const waitsPlanted = { drainMsMax: 10_000, effectsMsMax: 10_000 };
/** A run that takes longer is ended, and is red. */
const runMsMax = 180_000;
const runMsMaxPerKill = 15_000;

/** @throws CannotRunHereError where `lossy` has not what it needs */
export async function runCrashTest(options: CrashOptions, progress: (text: string) => void): Promise<CrashReport> {
  const library = options.lossy ? buildLossyShim() : undefined;
  const copy = options.plant === undefined ? undefined : plantFault(options.plant);
  const workDir = mkdtempSync(join(tmpdir(), 'wagerline-crash-'));
  const line = new Line(clientCount * 2);
  const victim = new Victim({ workDir, line, entry: copy?.entry, library });
  const removeFiles = (): void => {
    copy?.remove();
    if (!options.keep) rmSync(workDir, { recursive: true, force: true, maxRetries: 5 });
  };
  // All in one turn, so that nothing can start in between.
  const interrupted = (): void => {
    victim.killForGood();
    removeFiles();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  const msMax = runMsMax + runMsMaxPerKill * options.kills;
  const overdue = setTimeout(() => {
    victim.killForGood();
    line.fail(new Error(`the run is not over after ${msMax} ms`));
  }, msMax);
  try {
    return await new CrashRun(options, victim, line, progress).run();
  } finally {
    clearTimeout(overdue);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    line.close();
    await victim.end();
    removeFiles();
    if (options.keep) progress(`the data folder is ${victim.dataDir}`);
  }
}

class CrashRun {
  readonly #options: CrashOptions;
  readonly #victim: Victim;
  readonly #line: Line;
  readonly #progress: (text: string) => void;
  readonly #random: Random;
  readonly #waits: typeof waits;
  readonly #findings = new Findings();

  constructor(options: CrashOptions, victim: Victim, line: Line, progress: (text: string) => void) {
    this.#options = options;
    this.#victim = victim;
    this.#line = line;
    this.#progress = progress;
    this.#random = seededRandom(options.seed);
    this.#waits = options.plant === undefined ? waits : waitsPlanted;
  }

  async run(): Promise<CrashReport> {
    const startedMs = performance.now();
    const line = this.#line;
    const server = await this.#victim.start();
    const accounts: Account[] = [];
    for (let count = 0; count < accountCount; count += 1) {
      const accountId = randomUUID();
      accounts.push({ accountId, token: await server.token(accountId, ['bettor']) });
    }
    const trader = new Trader(line, await server.token('trader', ['trader']), seededRandom(this.#random.below(seedMax)), this.#findings);
    const bettors = new Bettors({ line, accounts, offered: trader.offered, findings: this.#findings });
    const operator = new Operator(line, await server.token('operator', ['admin']), this.#findings);
    await this.#underLoad(bettors, trader);
    const audit = new LogAudit();
    let documents = {};
    const auditing = { findings: this.#findings, progress: this.#progress };
    if (this.#findings.count('not-recovered') === 0) await stage(auditing, 'effects', () => operator.awaitEffects(this.#waits.effectsMsMax));
    await stage(auditing, 'the log', () => this.#auditLog(audit, bettors, trader));
    await stage(auditing, 'the API', async () => {
      await this.#victim.start();
      const api = { line, accounts, findings: this.#findings };
      await operator.awaitEffects(this.#waits.effectsMsMax);
      await auditQueries(api, expectedAccounts(bettors.facts, trader.endings, audit.bets));
      await auditAnswers(api, bettors.facts, this.#random);
      await operator.verifyLedger(audit.events);
      documents = await operator.compareWithRebuild();
    });
    const { earlyResets } = this.#victim.powerCuts;
    if (earlyResets > 0) this.#findings.add('early-reset', `WALs started over ${earlyResets} times before their database was synced`);
    const seconds = (performance.now() - startedMs) / 1_000;
    const seen = { victim: this.#victim, line, bettors, trader, findings: this.#findings, events: audit.events, documents, seconds };
    return reportOf({ ...this.#options, ...seen });
  }

  async #underLoad(bettors: Bettors, trader: Trader): Promise<void> {
    await bettors.openAccounts();
    const randoms = Array.from({ length: clientCount }, () => seededRandom(this.#random.below(seedMax)));
    const trading = trader.run();
    const betting = bettors.run(randoms);
    // Looked at below; until then a failure must not end the process.
    const load = Promise.all([trading, betting]).then(() => undefined);
    load.catch(() => undefined);
    try {
      const { kills } = this.#options;
      for (let kill = 1; kill <= kills; kill += 1) {
        await this.#live(bettors, kill % longLifeEvery === 0);
        await this.#victim.kill();
        if (kill < kills && this.#random.chance(killedStartPercent)) {
          await this.#victim.startAndKill(this.#random.below(killedStartMsMax));
          kill += 1;
        }
        await this.#victim.start();
        this.#progress(`kill ${kill} of ${kills}: ${bettors.facts.length} answers, ${this.#line.retried} requests repeated`);
      }
      bettors.stop();
      trader.stop();
      await Promise.race([load, this.#tooLate()]);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#findings.add('not-recovered', failure.message);
      this.#line.fail(failure);
    }
  }

  async #tooLate(): Promise<never> {
    const { drainMsMax } = this.#waits;
    await delay(drainMsMax, undefined, { ref: false });
    throw new Error(`the load does not end within ${drainMsMax} ms: ${this.#line.pending().join('; ')}`);
  }

  async #live(bettors: Bettors, isLong: boolean): Promise<void> {
    if (isLong) {
      bettors.allow(longLifeRequests);
      for (let livedMs = 0; livedMs < longLifeMsMax && !bettors.isIdle; livedMs += longLifePollMs) await delay(longLifePollMs);
    }
    bettors.allow(requestsPerLifeMax);
    await delay(lifeMsMin + this.#random.below(lifeMsSpread));
  }

  /** While no server runs on the folder: what the disk has is what counts. */
  async #auditLog(audit: LogAudit, bettors: Bettors, trader: Trader): Promise<void> {
    const exitCode = await this.#victim.stop();
    if (exitCode !== 0) this.#findings.add('not-recovered', `the server stopped with exit code ${exitCode}`);
    const root = await openInfraRoot(loadConfig({}, { dataDir: this.#victim.dataDir, logLevel: 'error' }));
    const { eventStore, close } = await openHttpInfra(root.connect());
    try {
      await auditLog(eventStore, audit, { bettors, trader }, { findings: this.#findings, progress: this.#progress });
    } finally {
      await close();
      await root.close();
    }
  }
}

const seedMax = 0xffff_ffff;
