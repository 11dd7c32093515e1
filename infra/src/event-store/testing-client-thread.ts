// A thread with its own client of the log: appends until it is killed, and says so after the first hundred. For embedded.test.ts.

import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { newEvents } from './testing-events.ts';
import { openEmbeddedEventStore } from './embedded.ts';

const { dataDir, port, stream }: { readonly dataDir: string; readonly port: MessagePort; readonly stream: string } = workerData;
const store = openEmbeddedEventStore({ dataDir, port, appendTimeoutMs: 10_000 });
for (let appended = 0; appended < 1_000_000; appended += 10) {
  await Promise.all(Array.from({ length: 10 }, () => store.append(stream, 'any', newEvents(1))));
  if (appended === 100) parentPort?.postMessage('a hundred');
}
