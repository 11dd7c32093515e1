// The part of the server's contract about reads: of streams and of $all, both ways, from anywhere. Called by contract.ts.

import { expect, test } from 'vitest';
import { BACKWARDS, binaryEvent, END, FORWARDS, jsonEvent, NO_STREAM, START, StreamNotFoundError, type ReadStreamOptions } from '@eventstore/db-client';
import { newName, notes, type Connect } from './testing-notes.ts';

export function readsContract(connect: Connect): void {
  test('a stream is read both ways, from anywhere, at most so many events', async () => {
    const client = connect();
    const stream = newName();
    await client.appendToStream(stream, notes(5), { expectedRevision: NO_STREAM });
    const read = async (options: ReadStreamOptions): Promise<number[]> => {
      const revisions: number[] = [];
      for await (const { event } of client.readStream(stream, options)) revisions.push(Number(event?.revision));
      return revisions;
    };
    expect(await read({})).toEqual([0, 1, 2, 3, 4]);
    expect(await read({ fromRevision: 3n })).toEqual([3, 4]);
    expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
    expect(await read({ direction: FORWARDS, fromRevision: END })).toEqual([]);
    expect(await read({ fromRevision: 99n })).toEqual([]);
    expect(await read({ direction: BACKWARDS, fromRevision: END })).toEqual([4, 3, 2, 1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: END, maxCount: 1 })).toEqual([4]);
    expect(await read({ direction: BACKWARDS, fromRevision: 2n })).toEqual([2, 1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: START })).toEqual([0]);
  });

  test('an absent stream is an error of the read, whose type says so', async () => {
    const reading = (async () => {
      for await (const resolved of connect().readStream(newName())) expect(resolved).toBeUndefined();
    })();
    await expect(reading).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  test('bytes come back as they were: names, ids, JSON, binary data and metadata', async () => {
    const client = connect();
    const stream = newName('naïve-🏇');
    const id = crypto.randomUUID();
    const bytes = Uint8Array.from([0, 1, 2, 127, 128, 255]);
    const json = jsonEvent({ id: id.toUpperCase(), type: 'Zoë', data: { text: '⚽ "\\ \u0000', list: [null, 1.5] }, metadata: { note: 'é' } });
    await client.appendToStream(stream, [json, binaryEvent({ type: 'Bytes', data: bytes, metadata: bytes })]);
    const events = [];
    for await (const { event } of client.readStream(stream)) events.push(event);
    expect(events[0]).toMatchObject({ id, type: 'Zoë', streamId: stream, isJson: true, data: json.data, metadata: json.metadata });
    expect(events[0]?.created).toBeInstanceOf(Date);
    expect(Math.abs(Date.now() - (events[0]?.created.getTime() ?? 0))).toBeLessThan(60_000);
    expect(Buffer.from(Object(events[1]?.data)).equals(bytes)).toBe(true);
    expect(events[1]).toMatchObject({ isJson: false, revision: 1n });
  });

  test('$all is read both ways: forwards from a position with that event, backwards without it', async () => {
    const client = connect();
    const stream = newName();
    await client.appendToStream(stream, notes(3), { expectedRevision: NO_STREAM });
    const positions = [];
    for await (const { event, commitPosition } of client.readStream(stream)) positions.push(event?.position ?? { commit: commitPosition ?? 0n, prepare: 0n });
    const [first, , last] = positions;
    const ours = async (direction: typeof FORWARDS | typeof BACKWARDS, fromPosition: typeof last): Promise<number[]> => {
      const revisions: number[] = [];
      for await (const { event } of client.readAll({ direction, fromPosition: fromPosition ?? START, maxCount: 50 })) {
        if (event?.streamId === stream) revisions.push(Number(event.revision));
      }
      return revisions;
    };
    expect(await ours(FORWARDS, first)).toEqual([0, 1, 2]);
    expect(await ours(FORWARDS, last)).toEqual([2]);
    expect(await ours(BACKWARDS, last)).toEqual([1, 0]);
    expect(await ours(BACKWARDS, first)).toEqual([]);
    let newest = 0n;
    for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })) newest = event?.position?.commit ?? 0n;
    expect(newest).toBeGreaterThanOrEqual(last?.commit ?? 0n);
    for await (const resolved of client.readAll({ direction: BACKWARDS, fromPosition: START })) expect(resolved).toBeUndefined();
  });
}
