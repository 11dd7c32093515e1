// A database of its own for each test on MongoDB, and the guard that reads every command on its way: rows are asked for and written
// by their shard key only. Used by the mongodb tests alone.

import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { MongoClient, type CommandStartedEvent, type Db, type Document } from 'mongodb';
import { z } from 'zod';
import { engineUrl } from '../testing/engines.ts';
import { openMongoReadModelStore, type MongoReadModelStore, type MongoReadModelStoreOptions } from './mongodb.ts';

type SentCommand = Pick<CommandStartedEvent, 'commandName' | 'command'>;

/** Collections of rows: `{model}.{generation}.{name}` and the watermarks. Checkpoints and parked keys are small and not sharded. */
const rowCollection = /^[a-z-]+\.\d+\.(?:[a-z]|_watermarks$)/;
const filtersOf: Readonly<Record<string, (command: Document) => readonly Document[]>> = {
  find: (command) => [command['filter'] ?? {}],
  update: ({ updates }) => [...updates].map((update: Document) => update['q']),
  delete: ({ deletes }) => [...deletes].map((each: Document) => each['q']),
  findAndModify: (command) => [command['query'] ?? {}],
  aggregate: ({ pipeline }) => [pipeline[0]?.['$match'] ?? {}],
  count: (command) => [command['query'] ?? {}],
  distinct: (command) => [command['query'] ?? {}],
};

/** Why a sharded cluster would ask every shard; undefined when it would not. A scan says that it is one. */
export function shardKeyFault({ commandName, command }: SentCommand): string | undefined {
  const filters = filtersOf[commandName];
  if (filters === undefined || !rowCollection.test(String(command[commandName]))) return undefined;
  if (commandName === 'find' && command['comment'] === 'scan') return undefined;
  const isOneRow = commandName === 'update' || commandName === 'delete';
  const isAimed = (filter: Document) => isGiven(filter['shard']) && (!isOneRow || typeof filter['_id'] === 'string');
  return filters(command).every(isAimed) ? undefined : `${commandName} without its shard key: ${JSON.stringify(filters(command))}`;
}

function isGiven(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'string';
  return '$in' in value && Array.isArray(value.$in) && Object.keys(value).length === 1;
}

export type TestDatabase = {
  readonly db: Db;
  /** Sent by all stores that were opened here, in order. */
  readonly commands: readonly SentCommand[];
  faults(): readonly string[];
  open(options?: Partial<MongoReadModelStoreOptions>): Promise<MongoReadModelStore>;
  /** Closes the stores that are still open, and takes the database away. */
  close(): Promise<void>;
};

export function openTestDatabase(): TestDatabase {
  const [url, database] = [engineUrl('mongodb'), `wagerline-${randomUUID()}`];
  const client = new MongoClient(url);
  const commands: SentCommand[] = [];
  const stores: MongoReadModelStore[] = [];
  return {
    db: client.db(database),
    commands,
    faults: () => commands.flatMap((command) => shardKeyFault(command) ?? []),
    async open(options = {}) {
      const store = openMongoReadModelStore({ url, database, onCommand: (command) => commands.push(command), ...options });
      stores.push(store);
      await store.ready();
      return store;
    },
    async close() {
      for (const store of stores) await store.close();
      await client.db(database).dropDatabase();
      await client.close();
    },
  };
}

export type SilentProxy = { readonly url: string; silence(): void; speak(): void; hangUp(): void; close(): Promise<void> };

/** Between a store and its server: while it is silent, connections stay open and nothing comes back on them. */
export async function openSilentProxy(url: string): Promise<SilentProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const answers = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    if (isSilent) upstream.pause();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    answers.add(upstream);
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => client.write(data));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const proxied = new URL(url);
  proxied.port = String(port);
  return {
    url: proxied.href,
    silence() {
      isSilent = true;
      for (const socket of answers) socket.pause();
    },
    /** All connections at once, as when a server ends. */
    hangUp() {
      for (const socket of sockets) socket.end();
    },
    speak() {
      isSilent = false;
      for (const socket of answers) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
