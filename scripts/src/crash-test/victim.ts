// The server that is killed: a real one, started as a child process on a folder of its own, again and again. Used by crash-run.ts.
// Under --lossy every kill is a power cut: what was not synced is taken away before the next start.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startServerProcess, type ServerProcess } from '../server/server-process.ts';
import type { Line } from './line.ts';
import { cutPower, lossyEnvironment } from './lossy-shim.ts';

export type VictimOptions = {
  readonly workDir: string;
  readonly line: Line;
  /** The server's entry file where a fault is planted in it. */
  readonly entry: string | undefined;
  /** lossy-shim.c, built. */
  readonly library: string | undefined;
};

/** A slot of settlements is taken over from a killed holder within the short life of the next one. */
const settings = { WAGERLINE_SETTLEMENT_LEASE_RENEW_MS: '50', WAGERLINE_SETTLEMENT_LEASE_TAKEOVER_MS: '150', WAGERLINE_LOG_LEVEL: 'error' };

export class Victim {
  readonly #options: VictimOptions;
  readonly dataDir: string;
  readonly #end = new AbortController();
  #server: ServerProcess | undefined;
  #starts = 0;
  readonly startsMs: number[] = [];
  readonly powerCuts = { walsCut: 0, bytesCut: 0, earlyResets: 0 };

  constructor(options: VictimOptions) {
    this.#options = options;
    this.dataDir = join(options.workDir, 'data');
  }

  /** Resolves when the server takes requests. @throws Error when it ends before, or is not ready in time */
  async start(): Promise<ServerProcess> {
    const startedMs = performance.now();
    this.#server = await this.#spawn(this.#end.signal);
    this.startsMs.push(performance.now() - startedMs);
    this.#options.line.up(this.#server.url);
    return this.#server;
  }

  /** A start that gets no further than this: what recovers may be killed, too. */
  async startAndKill(afterMs: number): Promise<void> {
    const kill = new AbortController();
    const started = this.#spawn(AbortSignal.any([kill.signal, this.#end.signal]));
    await Promise.race([delay(afterMs), started]);
    kill.abort();
    // It says that it has ended, unless it was ready already.
    await started.then((server) => server.kill(), () => undefined);
    this.#cutPower();
  }

  async kill(): Promise<void> {
    const gone = this.#server?.kill();
    this.#server = undefined;
    this.#options.line.down();
    await gone;
    const logSyncs = this.#cutPower();
    // It was ready, so it has written: a silent shim must not pass for a disk that loses nothing.
    if (logSyncs === 0) throw new Error('the server never synced its event log, or the shim does not see it');
  }

  #spawn(signal: AbortSignal): Promise<ServerProcess> {
    const { entry, library } = this.#options;
    this.#end.signal.throwIfAborted();
    this.#starts += 1;
    const env = library === undefined ? settings : { ...settings, ...lossyEnvironment(library, this.#stateFile()) };
    return startServerProcess({ dataDir: this.dataDir, env, signal, ...(entry !== undefined && { entry }) });
  }

  /** Answers how often the server had synced its log, as far as that is seen. */
  #cutPower(): number | undefined {
    if (this.#options.library === undefined) return undefined;
    const { files, bytesCut, earlyResets, logSyncs } = cutPower(this.dataDir, this.#stateFile());
    rmSync(this.#stateFile(), { force: true });
    this.powerCuts.walsCut += files.length;
    this.powerCuts.bytesCut += bytesCut;
    this.powerCuts.earlyResets += earlyResets;
    return logSyncs;
  }

  /** As an operator stops it. Answers the exit code. */
  async stop(): Promise<number> {
    this.#options.line.down();
    const exitCode = (await this.#server?.stop()) ?? 0;
    this.#server = undefined;
    return exitCode;
  }

  /** Whatever state it is in. */
  async end(): Promise<void> {
    this.killForGood();
    await this.#server?.kill();
  }

  /** At once, also while it starts; it cannot be started again. */
  killForGood(): void {
    this.#end.abort();
  }

  #stateFile(): string {
    return join(this.#options.workDir, `start-${this.#starts}.state`);
  }
}
