// `npm start`: the whole of Wagerline, with demo keys, ten fixtures open for betting and curl commands to try. In one process tree, or with
// `--engines` as many processes on the engines. Stops cleanly on SIGTERM and SIGINT. `--bare` starts without the demo, for tools and operators.

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { loadConfigOrExit } from '@wagerline/infra/config';
import { DataFolderLockedError } from '@wagerline/infra/data-folder';
import { startDemo } from './demo.ts';
import { partCountsOf, startEngineServer } from './server/engine-server.ts';
import { startServer, type Server } from './server/server.ts';

const startedMs = performance.now();
const helpText = `npm start [-- --bare] [--engines [--processes command=2,query=1,relay=1,projector=1,settlement=1]]

Starts Wagerline on the embedded stores, or with --engines on EventStoreDB, Kafka, MongoDB, Redis and Elasticsearch, each part in
processes of its own ("npm run engines -- start" brings the five up on this machine). Settings are WAGERLINE_... variables, see
infra/src/config.ts; --bare leaves out the demo.
`;
// Every thread clears its own young heap: helpers on two cores that are busy anyway cost more than they save.
setFlagsFromString('--no-parallel-scavenge');
// While young heaps are still small, most objects of a request outlive one clearing; code compiled then would put all later ones
// straight into the old heap.
setFlagsFromString('--no-allocation-site-pretenuring');
const flag = { type: 'boolean', default: false } as const;
const { values: flags } = parseArgs({ options: { bare: flag, help: flag, engines: flag, processes: { type: 'string', default: '' } } });
if (flags.help) {
  process.stdout.write(helpText);
  process.exit(0);
}

const config = loadConfigOrExit(flags.engines ? { stores: 'engines' } : {});
let server: Server | undefined;
let isStopping = false;

/** While the server is still starting there is nothing to wait for: nothing was acknowledged. */
async function stop(exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  // What hangs must not keep the process alive: everything acknowledged is durable already.
  setTimeout(() => process.exit(exitCode === 0 ? 2 : exitCode), config.shutdownTimeoutMs);
  await server?.stop().catch(say);
  process.exit(exitCode);
}

function say(error: unknown): void {
  const isPlain = error instanceof DataFolderLockedError || (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');
  process.stderr.write(`${error instanceof Error ? ((isPlain ? undefined : error.stack) ?? error.message) : String(error)}\n`);
}

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
try {
  server = config.stores === 'engines' ? await startEngineServer(config, partCountsOf(flags.processes)) : await startServer(config);
  void server.failed.then((error) => {
    say(error);
    return stop(1);
  });
  const isDemo = !flags.bare && config.mode !== 'production';
  if (isDemo) process.stdout.write(await startDemo(server.url, config));
  process.stdout.write(`ready in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${server.url}\n`);
} catch (error) {
  // A stop in the middle takes the demo's server away.
  if (!isStopping) {
    say(error);
    await stop(1);
  }
}
