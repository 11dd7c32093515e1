import { expect, test } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

test('what was not used for longest is forgotten when there is no more room', () => {
  const map = new BoundedMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([1, undefined, 3]);
  map.set('a', 4);
  map.set('d', 5);
  expect(['a', 'c', 'd'].map((key) => map.get(key))).toEqual([4, undefined, 5]);
  map.clear();
  expect(map.get('a')).toBeUndefined();
});
