// An event of the log is as good as a plain object, and its texts are parsed only when someone looks.

import { decode, encode } from '@wagerline/shared-kernel/events/codec';
import { expect, test } from 'vitest';
import { LoggedEvent } from './logged-event.ts';

const place = { position: 9, stream: 'account-1', revision: 3, id: 'an-id', type: 'StakeNoted' };
const eventWith = (data: string, metadata: string): LoggedEvent => new LoggedEvent([9, 'account-1', 3, 'an-id', 'StakeNoted', data, metadata]);

test('it is compared, spread, sent and written out like a plain object', () => {
  const plain = { ...place, data: { amountMinor: 5 }, metadata: { actor: 'ann' } };
  const ways: ((event: LoggedEvent) => unknown)[] = [
    (event) => event,
    (event) => ({ ...event }),
    (event) => structuredClone(event),
    (event) => JSON.parse(JSON.stringify(event)),
  ];
  for (const way of ways) expect(way(eventWith('{"amountMinor":5}', '{"actor":"ann"}'))).toEqual(plain);
});

test('it is parsed once, and not before it is looked at', () => {
  const event = eventWith('{"amountMinor":5}', 'no JSON');
  expect(event).toMatchObject({ position: 9, type: 'StakeNoted' });
  expect(event.data).toBe(event.data);
  expect(() => event.metadata).toThrow(SyntaxError);
  expect(() => eventWith('[]', '{}').data).toThrow('JSON object');
});

test('it is decoded once for all its readers; a changed copy is decoded by itself', () => {
  const event = new LoggedEvent([9, 'account-1', 3, 'an-id', 'SelfExcluded', '{"accountId":"ann","until":null}', '{"schemaVersion":1,"at":"2019"}']);
  const decoded = decode(event);
  expect(decoded).toEqual({ type: 'SelfExcluded', accountId: 'ann', until: null, at: '2019' });
  expect(decode(event)).toBe(decoded);
  expect(decode({ ...event, data: { accountId: 'bob', until: null } })).toMatchObject({ accountId: 'bob' });
  expect(event.once(() => 'of another kind')).toBe('of another kind');
});

test('what every reader needs of the metadata is told without parsing it, and is the same', () => {
  const context = { commandId: 'c', causationId: 'c', correlationId: 'x', traceparent: 't', actor: { role: 'bettor', id: 'ann' } } as const;
  const { data, metadata } = encode({ type: 'SelfExcluded', accountId: 'ann', until: null, at: '2019-08-10T00:00:00.000Z' }, context, 0);
  const event = eventWith(JSON.stringify(data), JSON.stringify(metadata));
  expect(event.head).toEqual({ schemaVersion: metadata['schemaVersion'], at: '2019-08-10T00:00:00.000Z' });
  expect(event.metadata).toMatchObject({ ...event.head });
  // Written by someone else: read as a whole.
  for (const other of ['{"at":"2019","schemaVersion":1}', '{"schemaVersion":1,"at":"20\\u0031\\u0039"}', '{}']) {
    expect(eventWith('{}', other).head).toEqual(JSON.parse(other));
  }
});
