// The server that is killed: a real one, started as a child process on a folder of its own, again and again. Used by crash-run.ts.
// Under --lossy every kill is a power cut: what was not synced is taken away before the next start.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
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
    const { entry, library, line } = this.#options;
    this.#starts += 1;
    const env = library === undefined ? settings : { ...settings, ...lossyEnvironment(library, this.#stateFile()) };
    const startedMs = performance.now();
    this.#server = await startServerProcess({ dataDir: this.dataDir, env, ...(entry !== undefined && { entry }) });
    this.startsMs.push(performance.now() - startedMs);
    line.up(this.#server.url);
    return this.#server;
  }

  async kill(): Promise<void> {
    const gone = this.#server?.kill();
    this.#server = undefined;
    this.#options.line.down();
    await gone;
    if (this.#options.library === undefined) return;
    const { files, bytesCut, earlyResets } = cutPower(this.dataDir, this.#stateFile());
    rmSync(this.#stateFile());
    this.powerCuts.walsCut += files.length;
    this.powerCuts.bytesCut += bytesCut;
    this.powerCuts.earlyResets += earlyResets;
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
    await this.#server?.kill();
  }

  #stateFile(): string {
    return join(this.#options.workDir, `start-${this.#starts}.state`);
  }
}
