import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runTool } from './server/testing-world.ts';

type Station = { readonly station: string; readonly file: string; readonly data: Readonly<Record<string, unknown>> };

test('the walk passes every station: its file is there, and the data is of one bet, to the end', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-walk-test-'));
  const { exitCode, out, error } = await runTool(dataDir, 'walk', '--json');
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
  const stations: readonly Station[] = JSON.parse(out);
  for (const { file } of stations) expect({ file, isThere: existsSync(resolve(import.meta.dirname, '..', '..', file)) }).toEqual({ file, isThere: true });
  const betId = stations.find(({ station }) => station === 'answer')?.data['betId'];
  expect(stations.map(({ station, data }) => [station, data])).toMatchObject([
    ['slip', { stakeMinor: 500 }],
    ['decision, as the event that it wrote', { type: 'BetPlaced', revision: 2, data: { betId } }],
    ['answer', { betId, revision: 2 }],
    ['relay', { failures: 0 }],
    ['bet history', { betId, status: 'open' }],
    ['account statement', { lines: [{ type: 'BetPlaced', betId, balanceAfterMinor: 500 }] }],
    ['market liability', { currencies: [{ singles: { stakeMinor: 500 } }] }],
    ['settlement, as the event that it wrote', { type: 'BetSettled', revision: 3, data: { betId, returnMinor: 975 } }],
    ['bet history after settlement', { betId, status: 'settled', returnMinor: 975 }],
  ]);
  const [slip, decision, , relay] = stations;
  expect(slip?.file).toBe('command-side/src/account/bet-routes.ts');
  expect(Number(relay?.data['publishedThrough'])).toBeGreaterThanOrEqual(Number(decision?.data['position']));
  // It walks on a server of its own, in a folder of its own.
  expect(existsSync(join(dataDir, 'events.sqlite'))).toBe(false);
  await rm(dataDir, { recursive: true });
});
