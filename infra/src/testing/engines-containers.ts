// The real engines as containers, where a Docker engine answers. Used by the setup of `npm run test:engines` and by its own test.
// The images are those of infra/compose.yaml, which a checker compares. Containers that a killed run leaves are removed by testcontainers' reaper.

import { GenericContainer, getContainerRuntimeClient, Wait, type StartedTestContainer } from 'testcontainers';
import type { EngineName } from './engines-names.ts';
import { freePorts } from './engines-ports.ts';

type ContainerRecipe = {
  readonly image: string;
  readonly port: number;
  readonly command?: readonly string[];
  environment(hostPort: number): Readonly<Record<string, string>>;
  url(hostPort: number): string;
  /** What is still to be done in the container when it listens. */
  readonly afterStart?: readonly string[];
};

const startMsMax = 300_000;

export const containers: Readonly<Record<EngineName, ContainerRecipe>> = {
  eventstoredb: {
    image: 'eventstore/eventstore:24.10.5',
    port: 2113,
    environment: () => ({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1', EVENTSTORE_MEM_DB: 'false' }),
    url: (port) => `esdb://127.0.0.1:${port}?tls=false`,
  },
  kafka: {
    image: 'apache/kafka:4.1.1',
    port: 9092,
    // Clients are sent on to the advertised address, so it has to be the one on this side of Docker.
    environment: (hostPort) => ({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://0.0.0.0:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${hostPort}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    }),
    url: (port) => `127.0.0.1:${port}`,
  },
  mongodb: {
    image: 'mongo:8.0.20',
    port: 27017,
    // A replica set of one: the smallest that has sessions, transactions and majority reads.
    command: ['--replSet', 'rs0', '--bind_ip_all'],
    environment: () => ({}),
    url: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
    afterStart: ['mongosh', '--quiet', '--eval', 'rs.initiate()'],
  },
  redis: {
    image: 'redis:7.4.2',
    port: 6379,
    environment: () => ({}),
    url: (port) => `redis://127.0.0.1:${port}`,
  },
  elasticsearch: {
    image: 'elasticsearch:9.5.3',
    port: 9200,
    environment: () => ({
      'discovery.type': 'single-node',
      'xpack.security.enabled': 'false',
      'action.auto_create_index': 'false',
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      ES_JAVA_OPTS: '-Xms512m -Xmx512m',
    }),
    url: (port) => `http://127.0.0.1:${port}`,
  },
};

/** Why no container can be started here; undefined = a Docker engine answers. */
export async function dockerMissing(): Promise<string | undefined> {
  try {
    await getContainerRuntimeClient();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export type EngineContainer = { readonly url: string; readonly version: string; stop(): Promise<void> };

/** Resolves when the container listens; whether the engine answers is for the probe to say. */
export async function startContainer(name: EngineName): Promise<EngineContainer> {
  const [hostPort = 0] = await freePorts(1);
  const { image, port, command, environment, url, afterStart } = containers[name];
  const container = new GenericContainer(image)
    .withExposedPorts({ container: port, host: hostPort })
    .withEnvironment(environment(hostPort))
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(startMsMax);
  if (command !== undefined) container.withCommand([...command]);
  const started = await container.start();
  if (afterStart !== undefined) await run(started, afterStart);
  return { url: url(hostPort), version: image.slice(image.indexOf(':') + 1), stop: async () => void (await started.stop()) };
}

async function run(container: StartedTestContainer, command: readonly string[]): Promise<void> {
  const { exitCode, output } = await container.exec([...command]);
  if (exitCode === 0) return;
  await container.stop();
  throw new Error(`${command.join(' ')} ended with ${exitCode}: ${output}`);
}
