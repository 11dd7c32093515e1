import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineName } from '@wagerline/infra/testing/engines-names';
import { requestCounter } from './request-counters.ts';

const seed = 20_260_101;

function frame2(type: number, length: number): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header[3] = type;
  return Buffer.concat([header, Buffer.alloc(length, 1)]);
}

function kafkaFrame(length: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeInt32BE(length);
  return Buffer.concat([header, Buffer.alloc(length, 7)]);
}

function mongoFrame(length: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeInt32LE(length + 4);
  return Buffer.concat([header, Buffer.alloc(length, 7)]);
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const post = 'POST /odds/_bulk HTTP/1.1\r\ncontent-length: 3\r\n\r\n{}\n';
const sent: readonly (readonly [EngineName, Buffer, number])[] = [
  // Settings, a call with its data, a ping, another call.
  ['eventstoredb', Buffer.concat([preface, frame2(4, 0), frame2(1, 30), frame2(0, 500), frame2(6, 8), frame2(1, 1)]), 2],
  ['kafka', Buffer.concat([kafkaFrame(30), kafkaFrame(0), kafkaFrame(70_000)]), 3],
  ['mongodb', Buffer.concat([mongoFrame(16), mongoFrame(300)]), 2],
  ['redis', Buffer.from('*2\r\n$3\r\nGET\r\n$1\r\nx\r\n*1\r\n$4\r\nPING\r\n'), 2],
  ['elasticsearch', Buffer.from(`${post}GET /_count HTTP/1.1\r\n\r\n${post}`), 3],
];

test.each(sent)('requests to %s are counted, however their bytes are cut', (engine, bytes, expected) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (cuts) => {
      const count = requestCounter(engine);
      let at = 0;
      let counted = 0;
      for (const cut of [...cuts, bytes.length]) {
        counted += count(bytes.subarray(at, at + cut));
        at += cut;
      }
      expect(counted).toBe(expected);
    }),
    { seed },
  );
});
