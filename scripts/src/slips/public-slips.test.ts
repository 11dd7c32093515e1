// Slips whose returns bookmakers and public calculators print: the page is named beside each. One page prints one direction of a pair; both are here.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerSlip } from './answer.ts';

type PublicSlip = { readonly source: string; readonly slip: unknown; readonly return: string };

const text = readFileSync(join(import.meta.dirname, 'samples', 'public-slips.jsonl'), 'utf8');
const slips = text.trim().split('\n').map((line) => JSON.parse(line) as PublicSlip);

test.each(slips.map((slip) => [slip.source, slip] as const))('%s', (_, { slip, return: printed }) => {
  expect(answerSlip(slip)).toMatchObject({ state: 'returned', return: printed });
});
