// The headers with a meaning: accepted in their one form, refused in any other.

import { describe, expect, test } from 'vitest';

import { etagOf, idempotencyKeyOf, minRevisionOf } from './headers.ts';

type Headed = { readonly headers: Record<string, string | undefined> };

const withKey = (key: string | undefined): Headed => ({ headers: { 'idempotency-key': key } });
const withMin = (text: string | undefined): Headed => ({ headers: { 'wagerline-min-revision': text } });

describe('Idempotency-Key', () => {
  test.each(['a', '7f3e', '"quoted"', '!'.repeat(255)])('%s is taken as it is', (key) => expect(idempotencyKeyOf(withKey(key))).toBe(key));

  test('missing has a code of its own', () =>
    expect(() => idempotencyKeyOf(withKey(undefined))).toThrow(expect.objectContaining({ code: 'IDEMPOTENCY_KEY_MISSING' })));

  test.each(['', 'a b', 'a\tb', 'clé', '!'.repeat(256)])('%j is refused', (key) =>
    expect(() => idempotencyKeyOf(withKey(key))).toThrow(expect.objectContaining({ code: 'HEADER_INVALID' })),
  );
});

describe('Wagerline-Min-Revision', () => {
  test('may be absent', () => expect(minRevisionOf(withMin(undefined))).toBeUndefined());

  test('names a stream and a revision', () => {
    expect(minRevisionOf(withMin('account-a1@0'))).toEqual({ stream: 'account-a1', revision: 0 });
    expect(minRevisionOf(withMin('market-m_1.x@9007199254740991'))).toEqual({ stream: 'market-m_1.x', revision: 2 ** 53 - 1 });
  });

  test.each(['', 'a-1', '@1', 'a-1@', 'a-1@-1', 'a-1@01', 'a-1@1.5', 'a b@1', 'a-1@9007199254740993', '"a-1@1"'])('%j is refused', (text) =>
    expect(() => minRevisionOf(withMin(text))).toThrow(expect.objectContaining({ code: 'HEADER_INVALID' })),
  );

  test('takes what an ETag showed', () => {
    const shown = { stream: 'account-1', revision: 17 };
    expect(etagOf(shown)).toBe('"account-1@17"');
    expect(minRevisionOf(withMin(etagOf(shown).slice(1, -1)))).toEqual(shown);
  });
});
