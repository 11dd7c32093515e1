// `npm start`: the whole of Wagerline in one process tree, with demo keys, ten fixtures open for betting and curl commands to try.
// Stops cleanly on SIGTERM and SIGINT. `--bare` starts without the demo, for tools and operators.

import { parseArgs } from 'node:util';
import { loadConfigOrExit } from '@wagerline/infra/config';
import { DataFolderLockedError } from '@wagerline/infra/data-folder';
import { startDemo } from './demo.ts';
import { startServer, type Server } from './server/server.ts';

const startedMs = performance.now();
const { values: flags } = parseArgs({ options: { bare: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
if (flags.help) {
  process.stdout.write('npm start [-- --bare]\n\nStarts Wagerline on the embedded stores. Settings are WAGERLINE_... variables, see infra/src/config.ts.\n');
  process.exit(0);
}

const config = loadConfigOrExit();
let server: Server;
try {
  server = await startServer(config);
} catch (error) {
  if (!(error instanceof DataFolderLockedError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

let stopping = false;
async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  // What hangs must not keep the process alive: everything acknowledged is durable already.
  setTimeout(() => process.exit(exitCode === 0 ? 2 : exitCode), config.shutdownTimeoutMs).unref();
  await server.stop();
  process.exit(exitCode);
}

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
void server.failed.then((error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  return stop(1);
});

if (!flags.bare) process.stdout.write(await startDemo(server.url, config));
process.stdout.write(`ready in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${server.url}\n`);
