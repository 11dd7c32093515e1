// Engine "kafka": a real broker and controller in one process (KRaft), from Maven's jars. Listed in engines.ts.
// One broker: nothing about replication, or about losing a broker while others stay, is shown.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineEnvironment } from '../config.ts';
import type { Engine, Place } from '../engine.ts';
import { ensureJdk, jvmFlags } from '../jdk.ts';
import { installJavaEngine } from '../maven.ts';
import { runCommand } from '../run-command.ts';

const version = '4.1.1';
/** Clients learn from a broker where it is, so one behind a proxy has to name the proxy: it listens here, on the port `proxied`. */
export const proxyHost = '127.0.0.2';
/** Any 22 characters of base64url: a fixed one makes formatting repeatable. */
const clusterId = 'AAAAAAAAAAAAAAAAAAAAAQ';
const sourceDir = import.meta.dirname;

export const kafka: Engine = {
  name: 'kafka',
  version,
  standIn: undefined,
  // Whoever comes by `proxied` is sent to the same port of another loopback address, where a test puts a proxy in front of it.
  defaultPorts: { client: 9092, controller: 9093, proxied: 9094 },
  absent: () => undefined,
  install: (cacheDir, say) =>
    installJavaEngine({
      name: `kafka-${version}`,
      sourceDir,
      cacheDir,
      say,
      fill: (folder, { jars }) => jars({ pom: join(sourceDir, 'pom.xml'), checksums: join(sourceDir, 'jars.sha256'), into: join(folder, 'lib') }),
    }),
  async prepare(place) {
    writeFileSync(settingsFile(place), settings(place));
    if (existsSync(join(dataDir(place), 'meta.properties'))) return;
    const { file, args } = await java(place, ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', clusterId, '-c', settingsFile(place)]);
    await runCommand(file, args, engineEnvironment());
  },
  command: (place) => java(place, ['kafka.Kafka', settingsFile(place)]),
  url: (port) => `127.0.0.1:${port}`,
};

async function java({ installed }: Place, args: readonly string[]): Promise<{ file: string; args: readonly string[] }> {
  const { java: file } = await ensureJdk(() => undefined);
  const logging = `-Dlog4j2.configurationFile=${join(sourceDir, 'log4j2.properties')}`;
  return { file, args: [...jvmFlags, '-Xms256m', '-Xmx512m', '-Djava.awt.headless=true', logging, '-cp', join(installed, 'lib', '*'), ...args] };
}

const settingsFile = ({ dir }: Place): string => join(dir, 'server.properties');
const dataDir = ({ dir }: Place): string => join(dir, 'data');

function settings(place: Place): string {
  const { client, controller, proxied } = place.ports;
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${client},PROXIED://127.0.0.1:${proxied},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${client},PROXIED://${proxyHost}:${proxied}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir(place),
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // After SIGKILL the new process is refused until the old registration has expired, by default 9 s.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3_000,
    // Its default takes 128 MB of the heap.
    'log.cleaner.dedupe.buffer.size': 4_194_304,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
