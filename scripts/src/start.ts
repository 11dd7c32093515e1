// `npm start`: the whole of Wagerline in one process tree, with demo keys, ten fixtures open for betting and curl commands to try.
// Stops cleanly on SIGTERM and SIGINT. `--bare` starts without the demo, for tools and operators.

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { loadConfigOrExit } from '@wagerline/infra/config';
import { DataFolderLockedError } from '@wagerline/infra/data-folder';
import { startDemo } from './demo.ts';
import { startServer, type Server } from './server/server.ts';

const startedMs = performance.now();
// Every thread clears its own young heap: helpers on two cores that are busy anyway cost more than they save.
setFlagsFromString('--no-parallel-scavenge');
const { values: flags } = parseArgs({ options: { bare: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
if (flags.help) {
  process.stdout.write('npm start [-- --bare]\n\nStarts Wagerline on the embedded stores. Settings are WAGERLINE_... variables, see infra/src/config.ts.\n');
  process.exit(0);
}

const config = loadConfigOrExit();
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
  server = await startServer(config);
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
