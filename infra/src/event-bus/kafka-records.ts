// An event as records of Kafka and back: the recorded event as JSON, CloudEvents attributes as headers. Used by kafka.ts and kafka-consumer.ts.
// The partition is named here, by the same hash as everywhere, and never left to a client library.

import type { KafkaMessage, Message, TopicMessages } from 'kafkajs';
import { z } from 'zod';
import type { BusRecord, Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { partitionOf } from './partition-hash.ts';
import type { BusTopics } from './kafka-topics.ts';

export type Keying = {
  readonly partitionCount: number;
  /** Keys of an event's records, per topic. */
  readonly keysOf: Readonly<Record<Topic, (event: RecordedEvent) => readonly string[]>>;
};

const families: readonly Topic[] = ['by-stream', 'by-market'];
/** A send is one batch per partition, which the broker bounds; a single record may be larger. */
const sendBytesMax = 512 * 1024;
const headerBytesAbout = 400;

/** In log order; each is to be acknowledged before the next is sent. */
export function* sendsOf(events: readonly RecordedEvent[], topics: BusTopics, keying: Keying): Generator<TopicMessages[]> {
  let messages: Record<Topic, Message[]> = { 'by-stream': [], 'by-market': [] };
  let bytes = 0;
  const send = (): TopicMessages[] =>
    families.filter((family) => messages[family].length > 0).map((family) => ({ topic: topics[family], messages: messages[family] }));
  for (const event of events) {
    const value = Buffer.from(JSON.stringify(event));
    const headers = headersOf(event);
    for (const family of families) {
      for (const key of keying.keysOf[family](event)) {
        if (bytes > 0 && bytes + value.length > sendBytesMax) {
          yield send();
          messages = { 'by-stream': [], 'by-market': [] };
          bytes = 0;
        }
        messages[family].push({ key, value, headers, partition: partitionOf(key, keying.partitionCount) });
        bytes += value.length + headerBytesAbout;
      }
    }
  }
  if (bytes > 0) yield send();
}

/** https://github.com/cloudevents/spec (Kafka binding), and W3C trace context; `position` is the event's place in the log. */
function headersOf({ id, type, stream, position, metadata: { at, traceparent } }: RecordedEvent): Record<string, string> {
  return {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: '/wagerline/event-log',
    ce_subject: stream,
    ...(typeof at === 'string' ? { ce_time: at } : {}),
    ...(typeof traceparent === 'string' && traceparent !== '' ? { traceparent } : {}),
    position: String(position),
  };
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const jsonObject = z.custom<JsonObject>(isObject);
/** Its inside is for the codec to judge. */
const recordedEvent = z.object({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.int(),
  position: z.int(),
  data: jsonObject,
  metadata: jsonObject,
});

/** Parsed when it is looked at: of a topic's records a read model needs those of its own streams, and the key tells which. */
export function recordOf({ key, value, offset }: KafkaMessage): BusRecord {
  let event: RecordedEvent | undefined;
  return {
    key: key?.toString() ?? '',
    offset: Number(offset),
    get event() {
      return (event ??= recordedEvent.parse(JSON.parse(value?.toString() ?? 'null')));
    },
  };
}
