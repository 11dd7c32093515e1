// A process that appends until it is killed, and prints each event after its acknowledgement. For embedded-faults.test.ts.

import { argv } from 'node:process';
import { startEventLog } from './embedded-log.ts';
import { openEmbeddedEventStore } from './embedded.ts';
import { newEvents, newStream } from './testing-events.ts';

const dataDir = argv[2] ?? '.';
const log = await startEventLog({ dataDir });
const store = openEmbeddedEventStore({ dataDir, port: log.connect(), appendTimeoutMs: 10_000 });
const streams = Array.from({ length: 16 }, () => newStream());
await Promise.all(
  streams.map(async (stream) => {
    for (let revision = -1; revision < 100_000; revision += 1) {
      const [event] = newEvents(1, { text: 'x'.repeat(500) });
      if (event === undefined) return;
      const result = await store.append(stream, revision === -1 ? 'no-stream' : revision, [event]);
      process.stdout.write(`${stream} ${result.revision} ${event.id}\n`);
    }
  }),
);
