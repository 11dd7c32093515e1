// A season with everything that goes wrong in one, corrections and voids among it, settled again from zero: what is in force is the same.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSeason } from '../season/run-season.ts';
import { parseSamples } from '../season/samples.ts';
import { premierLeague } from '../season/season-files.ts';
import { ownServer } from '../season/season-server.ts';
import { runTool } from '../server/testing-world.ts';

const matches = 30;

test('a season with corrections is replayed without a difference', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'season-replay-'));
  try {
    const dataDir = join(folder, 'data');
    const samples = parseSamples(readFileSync(premierLeague, 'utf8').split('\n').slice(0, matches + 1).join('\n'), 'stop');
    const server = await ownServer({ dataDir });
    const season = { samples, seed: 7, bets: 120, bettors: 10, incidents: true, betsOut: undefined, onProgress: () => undefined };
    const report = await runSeason(server, season).finally(() => server.stop());
    expect(report.findings).toEqual([]);
    expect(report.bets.open).toBe(0);

    const { exitCode, out, error } = await runTool(dataDir, 'settlement', 'replay', '--json');
    expect(exitCode, error).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, newer: 0, repaired: 0, differences: [], balancesDiffering: 0 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
