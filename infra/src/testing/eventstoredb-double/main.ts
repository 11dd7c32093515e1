// Runs the stand-in for an EventStoreDB server:
// node main.ts --port N --file PATH [--append-bytes-max N] [--no-batch] [--version X] [--subscription-fault end|silence]
// Prints one JSON line when it listens; SIGTERM and SIGINT end it. Started by start-double.ts and by hand; for tests alone.

import { parseArgs } from 'node:util';
import { subscriptionFaults } from './read-calls.ts';
import { startDoubleServer } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
    'append-bytes-max': { type: 'string', default: String(1024 * 1024) },
    'no-batch': { type: 'boolean', default: false },
    version: { type: 'string', default: '23.10.0' },
    'subscription-fault': { type: 'string', default: 'none' },
  },
});

if (values.file === undefined) throw new Error('--file PATH names the file that keeps the events');
const subscriptionFault = subscriptionFaults.find((fault) => fault === values['subscription-fault']);
if (subscriptionFault === undefined) throw new Error(`--subscription-fault is one of ${subscriptionFaults.join(', ')}`);
const server = await startDoubleServer({
  path: values.file,
  port: Number(values.port),
  appendBytesMax: Number(values['append-bytes-max']),
  hasBatchAppend: !values['no-batch'],
  version: values.version,
  subscriptionFault,
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    process.exit(0);
  });
}
process.stdout.write(`${JSON.stringify({ standIn: 'eventstoredb', port: server.port, pid: process.pid })}\n`);
