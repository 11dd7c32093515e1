import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { recordOf, sendsOf } from './kafka-records.ts';
import { topicsOf } from './kafka-topics.ts';
import { partitionOf } from './partition-hash.ts';
import { keysOf } from './testing-consumer.ts';

const topics = topicsOf('test');
const keying = { partitionCount: 8, keysOf };

function event(position: number, markets: readonly string[], note = ''): RecordedEvent {
  const stream = `account-${position % 3}`;
  return { id: `e${position}`, type: 'StakeNoted', data: { markets, note }, metadata: {}, stream, revision: position, position };
}

function messageOf(value: Buffer | null): KafkaMessage {
  return { key: Buffer.from('k'), value, offset: '7', timestamp: '0', attributes: 0, headers: {} };
}

test('each family gets its records, keyed and placed by the one hash', () => {
  const [topicMessages, ...others] = [...sendsOf([event(1, ['m1', 'm2']), event(2, [])], topics, keying)];
  expect(others).toEqual([]);
  const placed = topicMessages?.map(({ topic, messages }) => [topic, messages.map(({ key, partition }) => [key, partition])]);
  const at = (key: string) => [key, partitionOf(key, 8)];
  expect(placed).toEqual([
    ['test.by-stream', [at('account-1'), at('account-2')]],
    ['test.by-market', [at('m1'), at('m2')]],
  ]);
});

test('nothing to send is no send', () => {
  expect([...sendsOf([], topics, keying)]).toEqual([]);
});

test('sends are bounded and keep the order; what is larger alone goes alone', () => {
  const events = Array.from({ length: 40 }, (_, n) => event(n + 1, n % 4 === 0 ? ['m1'] : [], 'x'.repeat(n === 20 ? 900_000 : 50_000)));
  const sends = [...sendsOf(events, topics, keying)];
  const sizes = sends.map((send) => send.flatMap(({ messages }) => messages).map(({ value }) => value?.length ?? 0));
  for (const size of sizes) expect(size.length === 1 || size.reduce((sum, bytes) => sum + bytes, 0) <= 512 * 1024).toBe(true);
  const messagesOf = (family: string) => sends.flat().flatMap(({ topic, messages }) => (topic === family ? messages : []));
  const ofFamily = (family: string) => messagesOf(family).map(({ headers }) => Number(headers?.['position']));
  expect(ofFamily('test.by-stream')).toEqual(events.map(({ position }) => position));
  expect(ofFamily('test.by-market')).toEqual(events.filter((_, n) => n % 4 === 0).map(({ position }) => position));
});

test('a record is read as it was written', () => {
  const written = event(5, ['m1', 'ü🏇']);
  const [send] = [...sendsOf([written], topics, keying)];
  const value = send?.[0]?.messages[0]?.value;
  expect(recordOf(messageOf(Buffer.isBuffer(value) ? value : null))).toEqual({ key: 'k', offset: 7, event: written });
});

test('what a record holds is read when it is looked at; what is no event is an error then, whoever wrote it', () => {
  for (const value of [null, Buffer.from('{'), Buffer.from('{"type":"BetPlaced"}')]) {
    const record = recordOf(messageOf(value));
    expect([record.key, record.offset]).toEqual(['k', 7]);
    expect(() => record.event).toThrow();
  }
});

test('an empty time or trace is left out', () => {
  const [send] = [...sendsOf([{ ...event(1, []), metadata: { traceparent: '' } }], topics, keying)];
  expect(Object.keys(send?.[0]?.messages[0]?.headers ?? {})).toEqual([
    'content-type', 'ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_subject', 'position',
  ]);
});
