import { expect, test } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

const keys = ['a', 'b', 'c', 'd', 'e'];

test('what was not used for long is forgotten when there is no more room', () => {
  const map = new BoundedMap<number>(4);
  for (const [value, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, value);
  expect(map.get('b')).toBe(1);
  map.set('e', 4);
  expect(['a', 'b', 'e'].map((key) => map.get(key))).toEqual([undefined, 1, 4]);
});

test('the newest value counts, also of a key that was set long ago', () => {
  const map = new BoundedMap<number>(4);
  for (const [value, key] of ['a', 'b', 'c', 'a'].entries()) map.set(key, value);
  expect(map.get('a')).toBe(3);
  map.set('d', 4);
  expect(map.get('a')).toBe(3);
});

test('a cleared map is empty', () => {
  const map = new BoundedMap<number>(2);
  for (const key of keys) map.set(key, 1);
  map.clear();
  expect(keys.map((key) => map.get(key))).toEqual(keys.map(() => undefined));
});
