// The load's slips: what the API takes, of the size that the figures name, and each with a key of its own.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slipSchema } from '@wagerline/command-side/slip';
import { expect, test } from 'vitest';
import { requestSource, slipsOf } from './bet-requests.ts';
import { seasonBook } from './book.ts';

test('slips of one to three legs on different fixtures meet the schema of the route, about 300 bytes each', async () => {
  const book = await seasonBook();
  expect(book.flatMap(({ markets }) => markets)).toHaveLength(60);
  const slips = slipsOf(book, 300);
  const legCounts = [0, 0, 0];
  for (const slip of slips) {
    const { legs } = slipSchema.parse(JSON.parse(slip));
    legCounts[legs.length - 1] = (legCounts[legs.length - 1] ?? 0) + 1;
    expect(new Set(legs.map(({ marketId }) => marketId.split('.').slice(0, 3).join('.'))).size).toBe(legs.length);
  }
  expect(legCounts).toEqual([100, 100, 100]);
  const meanBytes = slips.reduce((sum, slip) => sum + Buffer.byteLength(slip), 0) / slips.length;
  expect(meanBytes).toBeGreaterThan(280);
  expect(meanBytes).toBeLessThan(340);
});

test('every request has its own key, bettors take turns, and the length is the length', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bet-requests-'));
  try {
    const files = { tokensFile: join(folder, 'tokens.json'), slipsFile: join(folder, 'slips.json') };
    writeFileSync(files.tokensFile, JSON.stringify(['a', 'b']));
    writeFileSync(files.slipsFile, JSON.stringify(['{"x":1}', '{"é":2}', '{}']));
    const source = requestSource({ ...files, run: 'r' });
    const requests = Array.from({ length: 6 }, (_, index) => source(index));
    expect(requests.map((request) => /Bearer (.)/.exec(request)?.[1])).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(new Set(requests.map((request) => /Idempotency-Key: (\S+)/.exec(request)?.[1])).size).toBe(6);
    for (const request of requests) {
      const [head = '', body = ''] = request.split('\r\n\r\n');
      expect(Number(/Content-Length: (\d+)/.exec(head)?.[1])).toBe(Buffer.byteLength(body));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
