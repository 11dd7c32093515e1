// Engine "eventstoredb": our own double, a server on EventStoreDB's protocol below infra/src/testing, run on this Node. Listed in engines.ts.
// The one place that names its main file.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Engine } from '../engine.ts';

const main = 'infra/src/testing/eventstoredb-double/main.ts';
const mainFile = resolve(import.meta.dirname, '..', '..', '..', '..', main);

export const eventstoredb: Engine = {
  name: 'eventstoredb',
  version: 'double',
  standIn: 'our own double: no speed of a real server, bounded idempotence cache, ACLs, TLS, cluster, projections, scavenge',
  defaultPorts: { client: 2113 },
  absent: () => (existsSync(mainFile) ? undefined : `${main} does not exist yet`),
  install: () => Promise.resolve(mainFile),
  prepare: () => Promise.resolve(),
  command: ({ dir, ports }) => {
    const args = [mainFile, '--port', String(ports.client), '--file', join(dir, 'data', 'events.log')];
    return Promise.resolve({ file: process.execPath, args });
  },
  url: (port) => `esdb://127.0.0.1:${port}?tls=false`,
};
