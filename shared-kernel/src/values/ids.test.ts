import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';

import { accountStream, domainPrefixes, fixtureStream, heartbeatStream, marketStream, streamIdOf } from './ids.ts';
import { betIdOf, commandIdOf, eventIdOf, isUuid, requestHashOf, sha256Hex, slotCount, slotOf, uuidV5 } from './ids.ts';

const dnsNamespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const account = '0b9f8f4e-7a59-4ac8-9c0b-0d3c1a6a1f52';

test('a version 5 UUID is the one of RFC 9562', () => {
  expect(uuidV5(dnsNamespace, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  expect(() => uuidV5('not a namespace', 'x')).toThrow('namespace');
});

// These ids stand in logs: when one of them changes, retries are stored twice and settlement slots change owners.
test('derived ids are pinned', () => {
  expect([betIdOf(account, 'k-1'), commandIdOf('PlaceBet', account, 1), eventIdOf(account, 0), slotOf(account)]).toEqual([
    '5ca7dd98-eee1-5c55-b677-0d334b5ad691',
    'd100674a-54e3-57fe-bb09-4c0b75d89372',
    'ca97b9bd-4315-5309-b3a3-d26adf103d05',
    57,
  ]);
});

test('other input, another id; a UUID each time', () => {
  const ids = [
    ...['k', 'K', '', 'schlüssel', 'schlussel'].map((key) => betIdOf(account, key)),
    ...[['a', 'b'], ['a,b'], ['ab'], ['a', 'b', ''], [account, 'k'], ['1'], [1]].map((parts) => commandIdOf(...parts)),
    ...[0, 1, 10].map((index) => eventIdOf(account, index)),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(isUuid(id)).toBe(true);
  expect(betIdOf(account, 'k')).toBe(ids[0]);
});

test('a UUID is lower case and complete', () => {
  const nil = '00000000-0000-0000-0000-000000000000';
  for (const text of ['', account.toUpperCase(), account.slice(1), `${account}0`, `${account}\n`, account.replaceAll('-', ''), nil]) {
    expect(isUuid(text)).toBe(false);
  }
});

test('the hash of a request does not depend on the order of members, and on everything else', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(requestHashOf({ a: 1, b: [1, { c: 2, d: 3 }] })).toBe(requestHashOf({ b: [1, { d: 3, c: 2 }], a: 1 }));
  expect(requestHashOf({ a: [1, 2] })).not.toBe(requestHashOf({ a: [2, 1] }));
  expect(requestHashOf({ a: 1 })).not.toBe(requestHashOf({ a: '1' }));
  expect(requestHashOf({ a: null })).not.toBe(requestHashOf({}));
});

test('a stream is named after what it holds', () => {
  expect(accountStream(account)).toBe(`account-${account}`);
  expect(streamIdOf(accountStream(account))).toBe(account);
  expect(streamIdOf(marketStream('pl-2019-1-home'))).toBe('pl-2019-1-home');
  expect(() => streamIdOf('nameless')).toThrow('prefix');
  const isDomain = (stream: string): boolean => domainPrefixes.some((prefix) => stream.startsWith(prefix));
  for (const stream of [accountStream('x'), marketStream('x'), fixtureStream('x')]) expect(isDomain(stream)).toBe(true);
  expect(isDomain(heartbeatStream('x'))).toBe(false);
});

test('slots are filled evenly', () => {
  const counts = new Array<number>(slotCount).fill(0);
  for (let index = 0; index < 64_000; index += 1) {
    const slot = slotOf(commandIdOf('slot', index));
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  expect(counts).toHaveLength(slotCount);
  // 1,000 expected; six standard deviations are about 190.
  expect(Math.min(...counts)).toBeGreaterThan(800);
  expect(Math.max(...counts)).toBeLessThan(1_200);
});

test('a name may be longer than what is hashed in place', () => {
  const namespace = '5b0d6c9e-0f4a-4f3c-8a51-6b1f6f6f0a01';
  const digest = (name: string): string => {
    return createHash('sha1').update(Buffer.from(namespace.replaceAll('-', ''), 'hex')).update(name, 'utf8').digest('hex');
  };
  for (const name of ['', 'x'.repeat(5_456), 'x'.repeat(5_457), '\u20ac'.repeat(5_456), '\u20ac'.repeat(6_000)]) {
    const withoutVersion = (hex: string): string => hex.slice(0, 12) + hex.slice(13, 16) + hex.slice(17, 32);
    expect(withoutVersion(uuidV5(namespace, name).replaceAll('-', ''))).toBe(withoutVersion(digest(name)));
  }
});
