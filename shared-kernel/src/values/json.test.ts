import fc from 'fast-check';
import { expect, test } from 'vitest';

import { canonicalJson, type Json } from './json.ts';

const seeded = { seed: 40127, numRuns: 500 };
/** Plain names, names that an object does not keep in the order of setting, and anything at all. */
const key = fc.oneof(fc.constantFrom('b', 'a', 'B', 'é', '10', '9', '-1', '__proto__', 'constructor', ''), fc.string());
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, true, -0, 1.5, 1e21), fc.string(), fc.array(tie('json')), members(tie('json'))),
}));

/** As a client's text is read: a key `__proto__` is a member like any other. */
function members(value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.uniqueArray(fc.tuple(key, value), { maxLength: 20, selector: ([name]) => name }).map((list) => parsed(list));
}

function parsed(list: readonly (readonly [string, Json])[]): Json {
  const text = `{${list.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;
  return JSON.parse(text) as Json;
}

/** The definition, as slow as it is plain. */
function byDefinition(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Array) return `[${value.map(byDefinition).join()}]`;
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${byDefinition(member)}`).join()}}`;
}

test('keys are sorted at every level, by UTF-16 code unit', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 'x' }, []], a: null, B: {} })).toBe('{"B":{},"a":null,"b":[{"c":"x","d":1},[]]}');
  expect(canonicalJson({ 9: 1, 10: 2, x: { z: 0, 1: 3 } })).toBe('{"10":2,"9":1,"x":{"1":3,"z":0}}');
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"y":1,"x":2}}') as Json)).toBe('{"__proto__":{"x":2,"y":1},"b":1}');
});

test('any value: the text of the definition, which reads back as the same value', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      expect(text).toBe(byDefinition(value));
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
    }),
    seeded,
  );
});
