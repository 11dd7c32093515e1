// Examples of events on their way into and out of the store.

import { describe, expect, test } from 'vitest';
import type { RecordedEvent } from '../ports/event-store.ts';
import { decode, decoderOf, encode, UnknownEventError } from './codec.ts';
import type { FixtureEvent } from './fixture-events.ts';
import type { CommandContext } from './metadata.ts';

const at = '2019-08-09T19:00:00.000Z';
const context: CommandContext = {
  commandId: 'command-1',
  causationId: 'cause-1',
  correlationId: 'correlation-1',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  actor: { role: 'trader', id: 'trader-1' },
};
const started: FixtureEvent = { type: 'FixtureStarted', at, fixtureId: 'f1' };
const recorded = (type: string, schemaVersion: unknown, data = {}): RecordedEvent => {
  return { id: 'e', type, data, metadata: { schemaVersion: schemaVersion as number, at }, stream: 'fixture-f1', revision: 4, position: 9 };
};

describe('encoding', () => {
  test('type and time stand beside the payload', () => {
    const { id, ...event } = encode(started, context, 0);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(event).toEqual({ type: 'FixtureStarted', data: { fixtureId: 'f1' }, metadata: { schemaVersion: 1, at, ...context } });
  });

  test('the id is that of one event of one decision about one command', () => {
    const { id } = encode(started, context, 0, 'decision-1');
    expect(encode(started, { ...context, correlationId: 'another', traceparent: 'another' }, 0, 'decision-1').id).toBe(id);
    const others = [
      encode(started, context, 1, 'decision-1').id,
      encode(started, { ...context, commandId: 'command-2' }, 0, 'decision-1').id,
      encode(started, context, 0, 'decision-2').id,
      encode(started, context, 0).id,
    ];
    expect(new Set([id, ...others]).size).toBe(5);
  });
});

describe('decoding', () => {
  test('gives back what was encoded', () => {
    const { id, type, data, metadata } = encode(started, context, 0);
    expect(decode({ id, type, data, metadata, stream: 'fixture-f1', revision: 0, position: 1 })).toEqual(started);
  });

  test.each([
    ['an unknown type', recorded('FixtureMoved', 1)],
    ['a newer version', recorded('FixtureStarted', 2)],
    ['no version', recorded('FixtureStarted', undefined)],
    ['a version that is text', recorded('FixtureStarted', '1')],
    ['an older version without its upcaster', recorded('FixtureStarted', 0)],
  ])('%s is an UnknownEventError that says where it stands', (_, event) => {
    expect(() => decode(event)).toThrow(UnknownEventError);
  });

  test('older versions go through every step, in order', () => {
    const steps = new Map([
      ['FixtureStarted@1', (payload: object) => ({ ...payload, steps: 'one' })],
      ['FixtureStarted@2', (payload: object) => ({ ...payload, steps: `${'steps' in payload ? String(payload.steps) : 'none'} two` })],
    ]);
    const decodeAll = decoderOf(new Map([['FixtureStarted', 3]]), steps);
    const read = (version: number): unknown => decodeAll(recorded('FixtureStarted', version, { fixtureId: 'f1' }));
    expect(read(1)).toEqual({ ...started, steps: 'one two' });
    expect(read(2)).toEqual({ ...started, steps: 'none two' });
    expect(read(3)).toEqual(started);
    expect(() => read(4)).toThrow('FixtureStarted version 4 at fixture-f1@4');
    expect(() => decoderOf(new Map([['FixtureStarted', 3]]), new Map())(recorded('FixtureStarted', 1))).toThrow('has no upcaster');
  });
});
