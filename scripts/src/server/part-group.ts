// Several processes of one part: each is started again when it ends without being asked, after a pause that grows.
// Made by engine-server.ts, one for each kind of part.

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@wagerline/infra/logger';
import type { Json } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
import { startProcess, type PartProcess } from './part.ts';

export type PartGroupOptions = {
  readonly name: string;
  /** The part's main file. */
  readonly file: URL;
  readonly count: number;
  /** Settings of the n-th process, from 0. */
  settings(index: number): Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** Called at once at every start, before the process can ask for anything. */
  onStarted?(process: PartProcess): void;
  /** Called when a process listens, at the first start and after every other. */
  onReady?(process: PartProcess): Promise<void>;
  /** Where the n-th process is reached that listens at `url`, where that is not the same. */
  reachedAt?(index: number, url: string): Promise<string>;
};

/** Of a key whose partition another process has. */
const notHere = z.object({ outcome: z.literal('not-here') });
const restartDelayMsMin = 100;
const restartDelayMsMax = 5_000;
/** A process that has run so long is not the one that fails at once. */
const settledAfterMs = 30_000;

/** Each in turn, until one does not say that the work is another's; what the last one says where all do. */
export async function askInTurn(processes: readonly Pick<PartProcess, 'request'>[], name: string, argument: Json): Promise<Json> {
  let answer: Json = null;
  for (const process of processes) {
    answer = await process.request(name, argument);
    if (!notHere.safeParse(answer).success) return answer;
  }
  return answer;
}

export class PartGroup {
  readonly #options: PartGroupOptions;
  readonly #processes: (PartProcess | undefined)[];
  readonly #stop = new AbortController();
  readonly #keepers: Promise<void>[];
  /** What the next start of a process waits for, besides its pause. */
  readonly #heldBack = new Map<number, Promise<unknown>>();
  /** Where each process listens; undefined while it does not. */
  readonly urls: (string | undefined)[];

  constructor(options: PartGroupOptions) {
    this.#options = options;
    this.#processes = new Array<PartProcess | undefined>(options.count).fill(undefined);
    this.urls = new Array<string | undefined>(options.count).fill(undefined);
    this.#keepers = this.#processes.map((_, index) => this.#keep(index));
  }

  get processes(): readonly (PartProcess | undefined)[] {
    return this.#processes;
  }

  /** What every process answers. @throws Error when one of them is not there */
  request(name: string, argument: Json = null): Promise<readonly Json[]> {
    return Promise.all(this.#processes.map((process) => process?.request(name, argument) ?? Promise.reject(new Error(`${this.#options.name} is starting`))));
  }

  /** What the first process answers that is there and does not say that the work is another's. */
  async requestOne(name: string, argument: Json = null): Promise<Json> {
    const processes = this.#processes.filter((process) => process !== undefined);
    if (processes.length === 0) throw new Error(`${this.#options.name} is starting`);
    return askInTurn(processes, name, argument);
  }

  /** SIGKILL, for tools that rehearse a crash: it is started again like any that ended, but not before `until`. Answers when it is gone. */
  async kill(index: number, until: Promise<unknown> = Promise.resolve()): Promise<void> {
    const process = this.#processes[index];
    if (process === undefined) throw new Error(`${this.#options.name} ${index} does not run`);
    this.#heldBack.set(index, until);
    process.kill();
    await process.failed;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#processes.map(async (process) => process?.stop()));
    await Promise.all(this.#keepers);
  }

  async #keep(index: number): Promise<void> {
    const { name, file, settings, logger, onStarted, onReady, reachedAt } = this.#options;
    for (let delayMs = restartDelayMsMin; !this.#stop.signal.aborted; delayMs = Math.min(delayMs * 2, restartDelayMsMax)) {
      const startedMs = performance.now();
      const process = startProcess(name, file, settings(index));
      this.#processes[index] = process;
      onStarted?.(process);
      const ready = process.url.then(async (url) => {
        await onReady?.(process);
        this.urls[index] = reachedAt === undefined ? url : await reachedAt(index, url);
      });
      ready.catch((error: unknown) => logger.error({ err: error, part: name, index }, 'a part did not start'));
      const reason = await Promise.race([process.failed, this.#stopped()]);
      this.urls[index] = undefined;
      if (reason === undefined) return;
      this.#processes[index] = undefined;
      if (performance.now() - startedMs > settledAfterMs) delayMs = restartDelayMsMin;
      logger.warn({ part: name, index, reason: reason.message, delayMs }, 'a part ended and is started again');
      await delay(delayMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      await Promise.race([this.#heldBack.get(index), this.#stopped()]);
    }
  }

  #stopped(): Promise<undefined> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }
}
