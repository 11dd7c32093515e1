// What a client is told about a body, query or path that does not fit its schema.

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { ProblemException } from '@wagerline/shared-kernel/problems';

import { parseBody, parseParams, parseQuery } from './parse.ts';

const odds = z.string().refine((text) => /^\d+\.\d{1,4}$/.test(text), { message: 'too many digits', params: { code: 'ODDS_INVALID' } });
const slip = z.strictObject({
  stakeMinor: z.int().refine((stake) => stake > 0, { params: { code: 'STAKE_INVALID' } }),
  legs: z.array(z.strictObject({ odds })).max(20),
});

function problemOf(run: () => unknown): ProblemException {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemException) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('a body', () => {
  test('that fits comes back parsed', () => {
    const body = { stakeMinor: 500, legs: [{ odds: '1.95' }] };
    expect(parseBody(slip, body)).toEqual(body);
  });

  test('of another shape is BODY_INVALID with a pointer to each fault', () => {
    const body = { stakeMinor: '5', legs: [{ odds: '1.95' }, { odds: 1.95, price: 2 }], a: 1, 'b/~c': 2 };
    const { code, errors } = problemOf(() => parseBody(slip, body));
    expect(code).toBe('BODY_INVALID');
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(['/a', '/b~1~0c', '/legs/1/odds', '/legs/1/price', '/stakeMinor']);
  });

  test('that is no object points to the whole', () => {
    expect(problemOf(() => parseBody(slip, null)).errors).toMatchObject([{ pointer: '' }]);
  });

  test('whose fault has a name of its own is told by that name, the first one', () => {
    const { code, errors } = problemOf(() => parseBody(slip, { stakeMinor: 5, legs: [{ odds: '1.95' }, { odds: '1.123456' }] }));
    expect(code).toBe('ODDS_INVALID');
    expect(errors).toEqual([{ code: 'ODDS_INVALID', pointer: '/legs/1/odds', detail: 'too many digits' }]);
    expect(problemOf(() => parseBody(slip, { stakeMinor: 0, legs: [{ odds: '1.123456' }] })).code).toBe('STAKE_INVALID');
  });

  test('cannot be given a code that is not registered', () => {
    const schema = z.string().refine(() => false, { params: { code: 'toString' } });
    expect(problemOf(() => parseBody(schema, 'x')).code).toBe('BODY_INVALID');
  });

  test('with very many faults names twenty', () => {
    const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1]));
    expect(problemOf(() => parseBody(slip, { stakeMinor: 1, legs: [], ...unknown })).errors).toHaveLength(20);
  });
});

test('a query is QUERY_INVALID and names the parameter', () => {
  const schema = z.strictObject({ limit: z.coerce.number().int().max(200).optional() });
  expect(parseQuery(schema, { limit: '50' })).toEqual({ limit: 50 });
  expect(problemOf(() => parseQuery(schema, { limit: '201' }))).toMatchObject({ code: 'QUERY_INVALID', errors: [{ pointer: 'limit' }] });
  expect(problemOf(() => parseQuery(schema, { offset: '1' }))).toMatchObject({ code: 'QUERY_INVALID', errors: [{ pointer: 'offset' }] });
});

test('a path is PATH_INVALID and names the parameter', () => {
  const schema = z.object({ betId: z.uuid() });
  expect(problemOf(() => parseParams(schema, { betId: '7' }))).toMatchObject({ code: 'PATH_INVALID', errors: [{ pointer: 'betId' }] });
});
