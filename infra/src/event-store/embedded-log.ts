// Starts and owns the writer thread of the embedded event log. Called by the root of the process tree, which holds the
// lock on the data folder; every other thread gets a port from here and opens a client on it (embedded.ts).

import { once } from 'node:events';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Control, WriterData } from './embedded-messages.ts';
import { SharedHeads } from './shared-heads.ts';

export type EventLog = {
  /** A port for one client; to be used in this thread, or moved to a worker in its transferList. May be called any number of times. */
  connect(): MessagePort;
  /** Resolves, with the reason, when the writer ended by itself: nothing can be appended then, the root must stop. Not after `close`. */
  readonly failed: Promise<Error>;
  /** Writes what the clients have sent, answers it, and ends the writer. Close the clients first. */
  close(): Promise<void>;
  /** Ends the writer at once, as a crash would: appends on their way are of unknown outcome. The last resort of a stop, and for tests. */
  terminate(): Promise<void>;
  /** Makes the log behave as on a full disk once it holds this many pages. For tests. */
  limitPages(pagesMax: number): void;
};

/** Of the writer's heap: its garbage is a message old, so what the flags allow other threads would only lie there. */
const youngMiBMax = 12;

export async function startEventLog({ dataDir }: { readonly dataDir: string }): Promise<EventLog> {
  const sharedHeads = new SharedHeads().memory;
  const workerData: WriterData = { dataDir, sharedHeads };
  const resourceLimits = { maxYoungGenerationSizeMb: youngMiBMax };
  const worker = new Worker(new URL('./embedded-writer.ts', import.meta.url), { workerData, name: 'event-log', resourceLimits });
  // `once` rejects when the worker fails before it is ready: a file that cannot be opened, or of a newer schema.
  await once(worker, 'message');

  let stopping = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const failed = new Promise<Error>((resolve) => {
    worker.once('error', (error) => resolve(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', (code) => {
      if (!stopping) resolve(new Error(`the event log's writer ended with code ${code}`));
    });
  });
  const send = (message: Control, transfer: readonly MessagePort[] = []): void => worker.postMessage(message, transfer);

  return {
    connect() {
      const { port1, port2 } = new MessageChannel();
      // The client finds this at its port whenever it is opened, before anything of the writer.
      port1.postMessage(sharedHeads);
      send({ control: 'connect', port: port1 }, [port1]);
      return port2;
    },
    failed,
    async close() {
      stopping = true;
      send({ control: 'close' });
      await ended;
    },
    async terminate() {
      await worker.terminate();
    },
    limitPages: (pagesMax) => send({ control: 'limit-pages', pagesMax }),
  };
}
