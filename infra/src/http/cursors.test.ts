// A cursor survives the way to the client and back; anything else is refused, not guessed at.

import { expect, test } from 'vitest';
import { z } from 'zod';

import { decodeCursor, encodeCursor } from './cursors.ts';

const place = z.strictObject({ at: z.string(), id: z.string() });

test('a cursor comes back as it went', () => {
  const cursor = encodeCursor({ at: '2026-01-01T00:00:00.000Z', id: 'Zürich/1' });
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(decodeCursor(place, cursor)).toEqual({ at: '2026-01-01T00:00:00.000Z', id: 'Zürich/1' });
});

test.each([
  ['empty', ''],
  ['not base64url', 'a+b/='],
  ['not JSON', Buffer.from('{"at":').toString('base64url')],
  ['of another endpoint', encodeCursor({ at: 'x' })],
  ['with more than it should', encodeCursor({ at: 'x', id: 'y', z: 1 })],
  ['cut off', encodeCursor({ at: 'x', id: 'y' }).slice(0, -4)],
  ['endless', encodeCursor({ at: 'x'.repeat(3_000), id: 'y' })],
])('a cursor that is %s is refused', (_name, text) =>
  expect(() => decodeCursor(place, text)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' })),
);
