// What the adapter for EventStoreDB, and other users of its client, take for granted of a server: run against the stand-in, and against
// a real server where there is one. Every test uses streams of its own, so the server may hold anything else.

import { describe, expect, test } from 'vitest';
import {
  ANY, jsonEvent, MaxAppendSizeExceededError, NO_STREAM, STREAM_EXISTS, StreamDeletedError, StreamNotFoundError,
  WrongExpectedVersionError, type AppendExpectedRevision,
} from '@eventstore/db-client';
import { readsContract } from './contract-reads.ts';
import { subscriptionsContract } from './contract-subscriptions.ts';
import { newName, notes, type Connect, type TestEvent } from './testing-notes.ts';

/** With credentials the client makes each append a call of its own, without them it sends all through one stream. */
const paths = [
  { path: 'unary', options: { credentials: { username: 'admin', password: 'changeit' } } },
  { path: 'batch', options: {} },
] as const;

export function serverContract(name: string, connect: Connect): void {
  describe.each(paths)(`${name}: $path appends`, ({ options }) => appendsContract(connect, options));
  describe(`${name}: removed streams`, () => removalContract(connect));
  describe(`${name}: reads`, () => readsContract(connect));
  describe(`${name}: subscriptions`, () => subscriptionsContract(connect));
}

function appendsContract(connect: Connect, options: (typeof paths)[number]['options']): void {
  const append = (stream: string, events: readonly TestEvent[], expectedRevision: AppendExpectedRevision) =>
    connect().appendToStream(stream, [...events], { expectedRevision, ...options });
  const wrong = async (stream: string, events: readonly TestEvent[], expected: AppendExpectedRevision, actual: bigint | 'no_stream') => {
    const error: unknown = await append(stream, events, expected).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ streamName: stream, expectedVersion: expected, actualVersion: actual });
  };

  test('an append is written at the revision that it expects, and answered with the last event’s place', async () => {
    const stream = newName();
    const first = await append(stream, notes(2), NO_STREAM);
    const second = await append(stream, notes(1), 1n);
    const third = await append(stream, notes(1), STREAM_EXISTS);
    const fourth = await append(stream, notes(1), ANY);
    const results = [first, second, third, fourth];
    expect(results.map((result) => result.nextExpectedRevision)).toEqual([1n, 2n, 3n, 4n]);
    const positions = results.map((result) => result.position?.commit ?? 0n);
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(positions).size).toBe(4);
  });

  test('any other revision is refused, with the one that is', async () => {
    const stream = newName();
    await wrong(stream, notes(1), 0n, 'no_stream');
    await wrong(stream, notes(1), STREAM_EXISTS, 'no_stream');
    await append(stream, notes(3), NO_STREAM);
    await wrong(stream, notes(1), NO_STREAM, 2n);
    await wrong(stream, notes(1), 1n, 2n);
    await wrong(stream, notes(1), 7n, 2n);
  });

  test('the same events again are answered as the first time, and nothing is written', async () => {
    const stream = newName();
    const [one, two, three] = [notes(1), notes(2), notes(1)];
    const first = await append(stream, one, NO_STREAM);
    const second = await append(stream, two, 0n);
    const third = await append(stream, three, 2n);
    expect(await append(stream, one, NO_STREAM)).toEqual(first);
    expect(await append(stream, two, 0n)).toEqual(second);
    expect(await append(stream, two, ANY)).toEqual(second);
    expect(await append(stream, [...one, ...two], NO_STREAM)).toEqual(second);
    expect(await append(stream, three, 2n)).toEqual(third);
    const last = await append(stream, notes(1), 3n);
    expect(last.nextExpectedRevision).toBe(4n);
  });

  test('known events together with unknown ones are refused; the same id in another stream is another event', async () => {
    const stream = newName();
    const [one, two] = [notes(1), notes(2)];
    await append(stream, one, NO_STREAM);
    await append(stream, two, 0n);
    await wrong(stream, [...two.slice(0, 1), ...notes(1)], 0n, 2n);
    await wrong(stream, [...two, ...notes(1)], 0n, 2n);
    await wrong(stream, [...notes(1), ...two.slice(1)], 0n, 2n);
    await wrong(stream, [...one, ...notes(1)], ANY, 2n);
    expect(await append(stream, [...notes(1), ...one], ANY)).toMatchObject({ nextExpectedRevision: 4n });
    expect(await append(newName(), one, NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
  });

  test('an append above the server’s limit is refused as a whole', async () => {
    const stream = newName();
    const large = jsonEvent({ type: 'Large', data: { text: 'x'.repeat(1024 * 1024) } });
    await expect(connect().appendToStream(stream, [large], { ...options })).rejects.toBeInstanceOf(MaxAppendSizeExceededError);
    expect(await append(stream, notes(1), NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
  });
}

function removalContract(connect: Connect): void {
  const read = async (stream: string) => {
    const revisions: (bigint | undefined)[] = [];
    for await (const { event } of connect().readStream(stream)) revisions.push(event?.revision);
    return revisions;
  };

  test('a deleted stream is as if absent, and goes on counting when it is written again', async () => {
    const client = connect();
    const stream = newName();
    await client.appendToStream(stream, notes(3), { expectedRevision: NO_STREAM });
    await expect(client.deleteStream(stream, { expectedRevision: 7n })).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 2n });
    await client.deleteStream(stream, { expectedRevision: 2n });
    await expect(read(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
    const options = { expectedRevision: NO_STREAM } as const;
    expect(await client.appendToStream(stream, notes(2), options)).toMatchObject({ nextExpectedRevision: 4n });
    expect(await read(stream)).toEqual([3n, 4n]);
  });

  test('a stream with a tombstone is gone for good', async () => {
    const client = connect();
    const stream = newName();
    const credentials = { username: 'admin', password: 'changeit' };
    await client.appendToStream(stream, notes(1));
    await client.tombstoneStream(stream);
    await expect(read(stream)).rejects.toMatchObject({ type: 'stream-deleted', streamName: stream });
    await expect(client.appendToStream(stream, notes(1))).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.appendToStream(stream, notes(1), { credentials })).rejects.toBeInstanceOf(StreamDeletedError);
  });

  test('metadata is kept with the stream, and $maxCount hides all but the newest events', async () => {
    const client = connect();
    const stream = newName();
    await client.setStreamMetadata(stream, { maxCount: 2, owner: 'test' });
    await client.appendToStream(stream, notes(5), { expectedRevision: NO_STREAM });
    expect(await read(stream)).toEqual([3n, 4n]);
    expect(await client.getStreamMetadata(stream)).toMatchObject({ metadata: { maxCount: 2, owner: 'test' } });
    await client.setStreamMetadata(stream, { maxCount: 3 });
    expect(await read(stream)).toEqual([2n, 3n, 4n]);
    expect(await client.getStreamMetadata(newName())).toMatchObject({ streamName: expect.any(String) });
  });
}
