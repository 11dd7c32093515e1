import type { BetDocument, BetLegDocument } from '@wagerline/shared-kernel/read-models/bet-history';
import { addMinor } from '@wagerline/shared-kernel/values/money';
import { parseRational } from '@wagerline/shared-kernel/values/rational';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { ann, bet, idOf, leg } from '../testing-documents.ts';
import { openQuerySide, type Caller, type RunningQuerySide } from '../testing-query-side.ts';

const asAnn: Caller = { sub: ann, roles: ['bettor'] };
const asTrader: Caller = { sub: 'staff', roles: ['trader'] };

let side: RunningQuerySide;
beforeEach(async () => {
  side = await openQuerySide();
});
afterEach(() => side.close());

const amount = z.object({ rational: z.string(), decimal: z.string().nullable() });
const step = z.object({ step: z.string(), legs: z.array(z.int()), part: z.string(), amountMinor: amount, text: z.string() });
const explained = z.object({
  type: z.string().nullable(),
  explanation: z.object({ certainReturnMinor: z.int(), returnMaxMinor: z.int(), steps: z.array(step) }),
});

async function shown(document: BetDocument): Promise<z.infer<typeof explained>> {
  await side.bets(document);
  const { status, json } = await side.get(`/v1/bets/${document.betId}`, asAnn);
  expect([status, json]).toEqual([200, json]);
  return explained.parse(json);
}

const at2 = (result: BetLegDocument['result'], index: number): BetLegDocument => {
  return { ...leg, marketId: `m${index}`, fixtureId: `f${index}`, odds: '2/1', requestedOdds: '2/1', result };
};
const patent = (...results: readonly BetLegDocument['result'][]): BetDocument => {
  const terms = { shape: { type: 'folds' as const, folds: [1, 2, 3] }, lineCount: 7, unitStakeMinor: 100, stakeMinor: 700, returnMaxMinor: 2_600 };
  return bet(idOf('patent'), { ...terms, legs: results.map(at2) });
};

/** Whole minor units, as the amounts of a patent at even money are. */
function sumOf({ explanation }: z.infer<typeof explained>): number {
  const amounts = explanation.steps.map(({ amountMinor }) => parseRational(amountMinor.rational));
  return amounts.reduce((sum, exact) => addMinor(sum, Number(exact?.n)), 0);
}

test('a decided bet is explained line by line, and the amounts add up to its return', async () => {
  const settled = await shown({ ...patent('won', 'lost', 'won'), status: 'settled', returnMinor: 800, returnExact: '800/1' });
  expect(settled.type).toBe('patent');
  expect(settled.explanation).toMatchObject({ certainReturnMinor: 800, returnMaxMinor: 800 });
  expect(settled.explanation.steps).toHaveLength(7);
  expect(settled.explanation.steps[4]).toEqual({
    step: 'line',
    legs: [0, 2],
    part: 'win',
    amountMinor: { rational: '400/1', decimal: '400' },
    text: '1.00 x 2 (won) x 2 (won)',
  });
  expect(sumOf(settled)).toBe(800);
});

test('an open bet says what is certain and what is possible', async () => {
  const open = await shown(patent('won', 'open', 'lost'));
  expect(open.explanation).toMatchObject({ certainReturnMinor: 200, returnMaxMinor: 800 });
  expect(sumOf(open)).toBe(200);
});

test('rounding is a step of its own', async () => {
  const single = bet(idOf('half'), { legs: [{ ...leg, result: 'half_won' }], status: 'settled', returnMinor: 738, returnExact: '1475/2' });
  const { explanation } = await shown(single);
  expect(explanation.steps.map(({ step: name, amountMinor }) => [name, amountMinor.decimal])).toEqual([['line', '737.5'], ['rounding', '0.5']]);
});

test('a bet voided by hand is explained by its stakes, whatever its legs came to', async () => {
  const history = [{ type: 'voided' as const, settlement: 1, at: '2019-08-10T12:00:00.000Z', returnMinor: 700, reason: 'by-hand' }];
  const voided = await shown({ ...patent('won', 'lost', 'open'), status: 'void', returnMinor: 700, returnExact: '700/1', history });
  expect(voided.explanation).toMatchObject({ certainReturnMinor: 700, returnMaxMinor: 700 });
  expect(sumOf(voided)).toBe(700);
});

test('any-to-come lines and skipped lines are those of the bet', async () => {
  const about = { ...patent('won', 'lost'), shape: { type: 'stakes-about' as const, stakes: 1 as const }, lineCount: 2 };
  const carried = await shown(about);
  expect([carried.type, carried.explanation.steps.map(({ amountMinor }) => amountMinor.decimal)]).toEqual(['single-stakes-about', ['100', '0']]);
  const related = [at2('won', 0), at2('won', 1), { ...at2('won', 2), fixtureId: 'f0' }];
  const skipped = await shown({ ...patent(), betId: idOf('skipped'), legs: related, ruleSet: 'skip-related@1' });
  expect(skipped.explanation.steps.map(({ legs }) => legs)).toEqual([[0], [1], [2], [0, 1], [1, 2]]);
});

test('staff see it too; a list has none', async () => {
  await side.bets(patent('open', 'open', 'open'));
  const one = await side.get(`/v1/accounts/${ann}/bets/${idOf('patent')}`, asTrader);
  expect(one.json).toMatchObject({ explanation: { certainReturnMinor: 0, returnMaxMinor: 2_600 } });
  const { json } = await side.get('/v1/bets', asAnn);
  expect(JSON.stringify(json)).not.toContain('explanation');
});
