// Engine "elasticsearch": a real node, started from the server's own jars by our main. Listed in engines.ts.
// Modules that Maven does not have are absent (painless, reindex, ILM, security, most of analysis); MissingModules.java brings what we use.

import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../cli.ts';
import type { Engine } from '../engine.ts';
import { ensureJdk, jvmFlags } from '../jdk.ts';
import { installJavaEngine, type Install } from '../maven.ts';

const version = '9.5.3';
const sourceDir = import.meta.dirname;
/** Where Debian, Fedora and Alpine keep it; the server wants it beside its jars. */
const zstdFolders = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].flatMap((triple) => [`/usr/lib/${triple}`, `/lib/${triple}`]).concat('/usr/lib64', '/usr/lib');

export const elasticsearch: Engine = {
  name: 'elasticsearch',
  version,
  standIn: undefined,
  defaultPorts: { client: 9200, transport: 9300 },
  absent: () => undefined,
  install: (cacheDir, say) => installJavaEngine({ name: `elasticsearch-${version}`, sourceDir, cacheDir, say, fill }),
  prepare({ dir }) {
    for (const name of ['config', 'plugins', 'logs', 'tmp']) mkdirSync(join(dir, name), { recursive: true });
    return Promise.resolve();
  },
  async command({ installed, dir, ports }) {
    const { java } = await ensureJdk(() => undefined);
    const lib = join(installed, 'lib');
    const heap = ['-Xms512m', '-Xmx512m'];
    const modules = ['--module-path', lib, '--add-modules=jdk.net,jdk.management.agent,jdk.incubator.vector,ALL-MODULE-PATH'];
    const settings = {
      'es.path.home': dir,
      'es.nativelibs.path': nativeDir(installed),
      // The library for vectors is not published; without it exact search still works.
      'org.elasticsearch.nativeaccess.enableVectorLibrary': 'false',
      'java.io.tmpdir': join(dir, 'tmp'),
      'log4j.shutdownHookEnabled': 'false',
      'log4j2.disable.jmx': 'true',
    };
    const native = '--enable-native-access=ALL-UNNAMED,org.elasticsearch.nativeaccess,org.elasticsearch.foreign,org.apache.lucene.core';
    const flags = [...jvmFlags, ...heap, ...modules, native, ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`)];
    const main = ['-cp', join(installed, 'classes'), 'ElasticsearchNode', dir, join(installed, 'modules'), String(ports.client), String(ports['transport'])];
    return { file: java, args: [...flags, ...main] };
  },
  url: (port) => `http://127.0.0.1:${port}`,
};

const fill: Install['fill'] = async (folder, { jdk, jars, run }) => {
  const lib = join(folder, 'lib');
  const transport = join(folder, 'modules', 'transport-netty4');
  const missing = join(folder, 'modules', 'missing-modules');
  await jars({ pom: join(sourceDir, 'server.pom.xml'), checksums: join(sourceDir, 'server.sha256'), into: lib });
  await jars({ pom: join(sourceDir, 'transport.pom.xml'), checksums: join(sourceDir, 'transport.sha256'), into: transport });
  // A package may be in one layer of modules only.
  const inServer = new Set(readdirSync(lib));
  for (const name of readdirSync(transport).filter((each) => inServer.has(each))) rmSync(join(transport, name));
  describe(transport, 'org.elasticsearch.transport.netty4.Netty4Plugin', 'modulename=org.elasticsearch.transport.netty4\n');
  mkdirSync(missing, { recursive: true });
  describe(missing, 'wagerline.MissingModules');
  const compile = ['-nowarn', '-cp', join(lib, '*'), '-d'];
  await run(jdk.javac, [...compile, join(folder, 'classes'), join(sourceDir, 'ElasticsearchNode.java')]);
  const compiled = join(folder, 'compiled');
  await run(jdk.javac, [...compile, compiled, join(sourceDir, 'MissingModules.java')]);
  await run(jdk.jar, ['cf', join(missing, 'missing-modules.jar'), '-C', compiled, '.']);
  rmSync(compiled, { recursive: true });
  mkdirSync(nativeDir(folder), { recursive: true });
  copyFileSync(findZstd(), join(nativeDir(folder), 'libzstd.so'));
};

function nativeDir(folder: string): string {
  return join(folder, 'native');
}

function describe(folder: string, className: string, more = ''): void {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const lines = { description: name, version, name, 'java.version': '21', 'elasticsearch.version': version, classname: className };
  const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(folder, 'plugin-descriptor.properties'), text.join('') + more);
}

function findZstd(): string {
  const found = zstdFolders.map((folder) => join(folder, 'libzstd.so.1')).find((file) => existsSync(file));
  if (found === undefined) throw new ToolError('libzstd.so.1 was not found: install it (Debian: apt-get install libzstd1)');
  return found;
}
