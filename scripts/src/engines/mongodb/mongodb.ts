// Engine "mongodb": a stand-in that speaks MongoDB's wire protocol, mongo-java-server under our own main. Listed in engines.ts.
// What it does not show is in `standIn` and printed wherever results are: nothing measured on it says anything about MongoDB.

import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { ensureJdk, jvmFlags } from '../jdk.ts';
import { installJavaEngine } from '../maven.ts';

const version = '1.47.0';
const sourceDir = import.meta.dirname;
/** It holds all data as objects, and a heap that is small at first is collected whole again and again as it grows. */
const heap = ['-Xms1g', '-Xmx1536m'];

export const mongodb: Engine = {
  name: 'mongodb',
  version: `mongo-java-server ${version}`,
  standIn: 'mongo-java-server, in memory: no sharding, transactions, sessions, durability, TTL, explain, choice of index',
  defaultPorts: { client: 27017 },
  absent: () => undefined,
  install: (cacheDir, say) =>
    installJavaEngine({
      name: `mongo-java-server-${version}`,
      sourceDir,
      cacheDir,
      say,
      async fill(folder, { jdk, jars, run }) {
        const lib = join(folder, 'lib');
        await jars({ pom: join(sourceDir, 'pom.xml'), checksums: join(sourceDir, 'jars.sha256'), into: lib });
        const sources = ['MongoWire.java', 'IndexedBackend.java'].map((name) => join(sourceDir, name));
        await run(jdk.javac, ['--release', '21', '-nowarn', '-cp', join(lib, '*'), '-d', join(folder, 'classes'), ...sources]);
      },
    }),
  prepare: () => Promise.resolve(),
  async command({ installed, ports }) {
    const { java } = await ensureJdk(() => undefined);
    const classPath = [join(installed, 'classes'), join(installed, 'lib', '*')].join(':');
    return { file: java, args: [...jvmFlags, ...heap, '-cp', classPath, 'MongoWire', String(ports.client)] };
  },
  url: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
};
