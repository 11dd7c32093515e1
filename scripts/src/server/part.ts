// One part of the server on a thread of its own: what the root sees of it, and what runs on the other side.
// A part answers named requests (status, rebuild ...), stops when asked, and takes the whole tree with it when it fails.

import { parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import type { InfraLink } from '@wagerline/infra/open-infra';
import type { Json } from '@wagerline/shared-kernel/values/json';

type Request = { readonly id: number; readonly name: string; readonly argument: Json };
type Answer = { readonly id: number; readonly value?: Json; readonly error?: string };

export type Requests = Readonly<Record<string, (argument: Json) => Json | Promise<Json>>>;
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
  const worker = new Worker(file, { name, workerData: link, transferList: [link.eventLog] });
  const waiting = new Map<number, { resolve(value: Json): void; reject(error: Error): void }>();
  let nextId = 1;
  let stopping = false;
  let hasEnded = false;
  worker.on('message', ({ id, value = null, error }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const failed = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', (code) => {
      hasEnded = true;
      for (const asked of waiting.values()) asked.reject(new Error(`${name} has ended`));
      if (!stopping) resolve(new Error(`${name} ended with code ${code}`));
    });
  });
  const request = (asked: string, argument: Json = null): Promise<Json> =>
    new Promise((resolve, reject) => {
      if (hasEnded) return reject(new Error(`${name} has ended`));
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, name: asked, argument } satisfies Request);
    });
  return {
    request,
    failed,
    async stop() {
      stopping = true;
      worker.postMessage({ id: 0, name: 'stop', argument: null } satisfies Request);
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
  root.on('message', (asked: Request) => {
    if (asked.name === 'stop') stop.abort();
    else void answer(root, part.requests, asked);
  });
  await part.done;
  await close();
  root.close();
}

async function answer(root: MessagePort, requests: Requests, { id, name, argument }: Request): Promise<void> {
  try {
    const value = (await requests[name]?.(argument)) ?? null;
    root.postMessage({ id, value } satisfies Answer);
  } catch (error) {
    root.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
  }
}
