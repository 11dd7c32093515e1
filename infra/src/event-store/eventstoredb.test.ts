// What only the EventStoreDB adapter has to see to: places in the log that the server tells apart from the events.

import { afterEach, expect, test } from 'vitest';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { startDouble, type Double } from '../testing/eventstoredb-double/start-double.ts';
import { openEventStoreDb } from './eventstoredb.ts';
import { newEvents, newStream } from './testing-events.ts';

let double: Double | undefined;
let store: EventStore | undefined;
afterEach(async () => {
  await store?.close();
  await double?.close();
});

async function open(): Promise<EventStore> {
  double = await startDouble();
  return (store = openEventStoreDb({ connectionString: double.connectionString, appendTimeoutMs: 10_000 }));
}

test('a page ends at its last event, however far the server has looked by then', async () => {
  const log = await open();
  const [first, last] = [newStream('market'), newStream('market')];
  const between = newStream('account');
  const results = [
    await log.append(first, 'no-stream', newEvents(20)),
    await log.append(between, 'no-stream', newEvents(700)),
    await log.append(last, 'no-stream', newEvents(20)),
  ];
  const [ofFirst = [], , ofLast = []] = results.map((result) => (result.outcome === 'appended' ? result.positions : []));
  const seen: number[] = [];
  for (let after = 0, pages = 0; pages < 40; pages += 1) {
    const page = await log.readAll(after, { prefixes: ['market-'] }, 3);
    seen.push(...page.events.map((event) => event.position));
    expect(page.position).toBeGreaterThanOrEqual(seen.at(-1) ?? 0);
    after = page.position;
    if (page.caughtUp) break;
  }
  expect(seen).toEqual([...ofFirst, ...ofLast]);
});

test('a batch does not claim what the client still holds, although the server’s checkpoint is further on', async () => {
  const log = await open();
  // A full batch, then as many as the client holds while the batch is handled, then a stretch that the filter leaves out.
  for (let written = 0; written < 1008; written += 504) await log.append(newStream('market'), 'no-stream', newEvents(504));
  await log.append(newStream('account'), 'no-stream', newEvents(600));
  const head = await log.head();
  const abort = new AbortController();
  let events = 0;
  let position = 0;
  for await (const batch of log.subscribeToAll(0, { prefixes: ['market-'] }, abort.signal)) {
    for (const event of batch.events) expect(event.position).toBeGreaterThan(position);
    events += batch.events.length;
    position = batch.position;
    if (position >= head) abort.abort();
    // So slow that everything has come that can.
    for (let reads = 0; reads < 20; reads += 1) await log.head();
  }
  expect(events).toBe(1008);
});

test('every event of an append is given its place, also where the stream is kept so short that most are hidden already', async () => {
  const log = await open();
  const stream = newStream('heartbeat');
  const events = newEvents(5);
  const result = await log.append(stream, 'any', events, { maxCount: 2 });
  const positions = result.outcome === 'appended' ? result.positions : [];
  expect(await log.readStream(stream)).toHaveLength(2);
  for (const [index, { id }] of events.entries()) expect(await log.readAt(positions[index] ?? 0)).toMatchObject({ id, stream, revision: index });
  expect(await log.append(stream, 'any', events, { maxCount: 2 })).toEqual(result);
});

test('a position between two events is no event’s', async () => {
  const log = await open();
  const result = await log.append(newStream(), 'no-stream', newEvents(1));
  const [position = 0] = result.outcome === 'appended' ? result.positions : [];
  expect(await log.readAt(position - 1)).toBeUndefined();
  expect(await log.readAt(position)).toMatchObject({ position });
  expect(await log.readAt(position + 1)).toBeUndefined();
});
