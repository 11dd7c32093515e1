import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { faultNames, plantedFaults } from './faults.ts';
import { edited, plantFault } from './planted-copy.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');

test.each(faultNames)('%s fits the sources as they are, and changes the copy alone', (name) => {
  const { edits } = plantedFaults[name];
  const before = edits.map(({ file }) => readFileSync(join(root, file), 'utf8'));
  const copy = plantFault(name);
  try {
    expect(edits.map(({ file }) => readFileSync(join(root, file), 'utf8'))).toEqual(before);
    for (const { file, replace } of edits) {
      const planted = readFileSync(resolve(copy.entry, '..', '..', '..', file), 'utf8');
      expect(before).not.toContain(planted);
      expect(planted).toContain(replace);
    }
  } finally {
    copy.remove();
  }
});

test('an edit that does not find its text exactly once is refused', () => {
  const edit = { file: 'x.ts', find: 'here', replace: 'there' };
  expect(edited('it is here.', edit)).toBe('it is there.');
  expect(() => edited('it is gone.', edit)).toThrow('x.ts has 0 times');
  expect(() => edited('here and here', edit)).toThrow('x.ts has 2 times');
});
