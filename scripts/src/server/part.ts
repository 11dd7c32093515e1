// One part of the server on a thread or in a process of its own: what the root sees of it, and what runs on the thread.
// A part answers named requests (status, rebuild ...) and stops when asked; what happens when it fails is the root's decision.

import { fork } from 'node:child_process';
import { parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import type { InfraLink } from '@wagerline/infra/open-infra';
import type { StoreChannel, StoreMessage } from '@wagerline/infra/remote-event-store';
import { answerOf, PartCalls, type PartAnswer, type PartRequest, type Requests } from '@wagerline/infra/part';
import type { ProcessReady } from '@wagerline/infra/run-process';
import type { Json } from '@wagerline/shared-kernel/values/json';
import { inheritedEnvironment } from '../config.ts';

export type RunningPart = { readonly requests: Requests; readonly done: Promise<void> };

export type Part = {
  request(name: string, argument?: Json): Promise<Json>;
  /** Asks the part to end, and waits until it has. */
  stop(): Promise<void>;
  /** Resolves, with the reason, when the part ended without being asked. */
  readonly failed: Promise<Error>;
};

/** Called by the root. `file` is a module that calls runPart. */
export function startPart(name: string, file: URL, link: InfraLink): Part {
  const worker = new Worker(file, { name, workerData: link, transferList: link.eventLog === undefined ? [] : [link.eventLog] });
  const calls = new PartCalls(name, (request) => worker.postMessage(request));
  let stopping = false;
  worker.on('message', (answer: PartAnswer) => calls.answered(answer));
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const failed = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', (code) => {
      calls.ended();
      if (!stopping) resolve(new Error(`${name} ended with code ${code}`));
    });
  });
  return {
    request: (asked, argument) => calls.call(asked, argument),
    failed,
    async stop() {
      stopping = true;
      worker.postMessage({ id: 0, name: 'stop', argument: null } satisfies PartRequest);
      await exited;
    },
  };
}

/** Called by the part's module on its thread. `run` ends when the signal aborts; `close` follows. */
export async function runPart(run: (link: InfraLink, signal: AbortSignal) => Promise<{ part: RunningPart; close(): Promise<void> }>): Promise<void> {
  const root = parentPort;
  if (root === null) throw new Error('a part runs on a worker thread');
  const stop = new AbortController();
  const { part, close } = await run(workerData as InfraLink, stop.signal);
  root.on('message', (asked: PartRequest) => {
    if (asked.name === 'stop') stop.abort();
    else void answer(root, part.requests, asked);
  });
  await part.done;
  await close();
  root.close();
}

async function answer(root: MessagePort, requests: Requests, asked: PartRequest): Promise<void> {
  root.postMessage(await answerOf(requests, asked));
}

export type PartProcess = Part & {
  readonly pid: number;
  /** Resolves when the process listens; rejects when it ends before. */
  readonly url: Promise<string>;
  /** For what else goes over its channel: the event log of the tree. */
  readonly channel: StoreChannel;
  /** SIGKILL, for tools that rehearse a crash: seen as a failure. */
  kill(): void;
};

/** `file` is a part's main file; `settings` are WAGERLINE_ variables. */
export function startProcess(name: string, file: URL, settings: Readonly<Record<string, string>>): PartProcess {
  const child = fork(file, { env: { ...inheritedEnvironment(), ...settings }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const calls = new PartCalls(name, (request) => void child.send(request, () => undefined));
  const listening = Promise.withResolvers<string>();
  // Whoever does not wait for it need not care either.
  listening.promise.catch(() => undefined);
  let stopping = false;
  child.on('message', (message: PartAnswer | ProcessReady | StoreMessage) => {
    if ('ready' in message) listening.resolve(message.ready.url);
    else if ('id' in message) calls.answered(message);
  });
  const exited = new Promise<Error>((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code, signal) => resolve(new Error(`${name} ended with ${signal ?? `code ${code}`}`)));
  });
  const failed = new Promise<Error>((resolve) => {
    void exited.then((error) => {
      calls.ended();
      listening.reject(error);
      if (!stopping) resolve(error);
    });
  });
  return {
    pid: child.pid ?? 0,
    url: listening.promise,
    request: (asked, argument) => calls.call(asked, argument),
    failed,
    channel: {
      send: (message) => void child.send(message, () => undefined),
      listen(onMessage, onClosed) {
        child.on('message', onMessage);
        child.once('exit', onClosed);
      },
    },
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await exited;
    },
  };
}
