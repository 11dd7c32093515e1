// The stand-in for EventStoreDB against the server's contract, and what it promises beyond: durability, a clean start after any end, its flags.

import { appendFile, readFile, stat } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import { serverContract } from './contract.ts';
import { startDouble, type Double } from './start-double.ts';
import { newName, notes } from './testing-notes.ts';

const credentials = { username: 'admin', password: 'changeit' };

describe('with one server', () => {
  let double: Double;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    double = await startDouble();
    client = EventStoreDBClient.connectionString(double.connectionString);
  });
  afterAll(async () => {
    await client.dispose();
    await double.close();
  });
  serverContract('stand-in', () => client);

  test('a cluster is found through its gossip', async () => {
    const found = EventStoreDBClient.connectionString(double.connectionString.replace('esdb://', 'esdb+discover://'));
    expect(await found.appendToStream(newName(), notes(1), { credentials })).toMatchObject({ success: true });
    await found.dispose();
  });
});

describe('with a server of its own', () => {
  let double: Double | undefined;
  const clients: EventStoreDBClient[] = [];
  const connect = (to: Double): EventStoreDBClient => {
    const client = EventStoreDBClient.connectionString(to.connectionString);
    clients.push(client);
    return client;
  };
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await double?.close();
  });

  test('everything acknowledged is there after kill -9, and repeated appends are still known', async () => {
    double = await startDouble();
    const acknowledged = new Map<string, number>();
    const client = connect(double);
    const first = notes(1);
    const streams = Array.from({ length: 16 }, () => newName());
    for (const stream of streams) await client.appendToStream(stream, first, { expectedRevision: NO_STREAM, credentials });
    const enough = Promise.withResolvers<void>();
    const writing = Promise.allSettled(streams.map(async (stream) => {
      for (let revision = 0; ; revision += 1) {
        acknowledged.set(stream, revision);
        await client.appendToStream(stream, notes(1), { expectedRevision: BigInt(revision), credentials });
        if (revision === 20) enough.resolve();
      }
    }));
    await enough.promise;
    await double.kill();
    await writing;
    await double.restart();
    const again = connect(double);
    for (const stream of streams) {
      const revisions: number[] = [];
      for await (const { event } of again.readStream(stream)) revisions.push(Number(event?.revision));
      expect(revisions).toEqual(revisions.map((_, index) => index));
      expect(revisions.length).toBeGreaterThan(acknowledged.get(stream) ?? Infinity);
      expect(await again.appendToStream(stream, first, { expectedRevision: NO_STREAM, credentials })).toMatchObject({ nextExpectedRevision: 0n });
    }
  });

  test('a last line that was cut short is dropped, whole ones before it stay', async () => {
    double = await startDouble();
    const stream = newName();
    const written = await connect(double).appendToStream(stream, notes(2), { expectedRevision: NO_STREAM, credentials });
    await double.stop();
    const before = await stat(double.file);
    const line = (await readFile(double.file, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
    await appendFile(double.file, line.slice(0, -10));
    await double.restart();
    expect((await stat(double.file)).size).toBe(before.size);
    const client = connect(double);
    const after = await client.appendToStream(stream, notes(1), { expectedRevision: 1n, credentials });
    expect(after.nextExpectedRevision).toBe(2n);
    expect(after.position?.commit).toBeGreaterThan(written.position?.commit ?? 0n);
  });

  test('its flags: a smaller limit, no batch append', async () => {
    double = await startDouble({ flags: ['--append-bytes-max', '1000', '--no-batch'] });
    const client = connect(double);
    const stream = newName();
    await expect(client.appendToStream(stream, notes(100))).rejects.toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1000 });
    expect(await client.appendToStream(stream, notes(1), { expectedRevision: NO_STREAM })).toMatchObject({ nextExpectedRevision: 0n });
  });

  test('many subscriptions are served side by side', async () => {
    double = await startDouble();
    const client = connect(double);
    const stream = newName();
    const counts = Array.from({ length: 100 }, async () => {
      let count = 0;
      for await (const { event } of client.subscribeToStream(stream)) {
        count += Number(event?.revision) === count ? 1 : 0;
        if (count === 10) break;
      }
      return count;
    });
    for (let revision = 0; revision < 10; revision += 1) await client.appendToStream(stream, notes(1), { credentials });
    expect(await Promise.all(counts)).toEqual(counts.map(() => 10));
  });
});
