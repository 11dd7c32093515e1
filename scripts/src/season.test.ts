import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSeason } from './season/run-season.ts';
import { parseSamples } from './season/samples.ts';
import { premierLeague } from './season/season-files.ts';
import { ownServer } from './season/season-server.ts';

// Settlement is checked here by arithmetic of this file's own, from the match file and the bets file alone: half of a stake on each of the
// two lines beside a quarter line, the return of a leg in 20,000ths of its stake, one rounding at the end, a half to the even penny.

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wagerline-season-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type BetLine = {
  readonly stakeMinor: number;
  readonly legs: readonly { home: string; away: string; date: string; market: string; line: string | null; selection: string; odds: string }[];
  readonly status: string;
  readonly returnMinor: number;
};
type Row = { readonly homeGoals: number; readonly awayGoals: number; readonly openingLine: number };

const text = await readFile(premierLeague, 'utf8');
const rows = new Map(
  text.trim().split(/\r?\n/).slice(1).map((line): [string, Row] => {
    const cells = line.split(',');
    const [day, month, year] = (cells[1] ?? '').split('/');
    const match = `${year}-${month}-${day} ${cells[3]} ${cells[4]}`;
    return [match, { homeGoals: Number(cells[5]), awayGoals: Number(cells[6]), openingLine: Number(cells[openingLineColumn(text)]) }];
  }),
);

function openingLineColumn(csv: string): number {
  return (csv.split(/\r?\n/, 1)[0] ?? '').split(',').indexOf('AHh');
}

function expectedReturn(bet: BetLine): number {
  let numerator = BigInt(bet.stakeMinor);
  let denominator = 1n;
  for (const leg of bet.legs) {
    const row = rows.get(`${leg.date} ${leg.home} ${leg.away}`);
    if (row === undefined) throw new Error(`no such match: ${JSON.stringify(leg)}`);
    const goalsAhead = aheadOf(leg.market, leg.selection, row);
    const line = leg.line === null ? 0 : (leg.selection === 'away' || leg.selection === 'over' ? -1 : 1) * Number(leg.line);
    const isQuarter = Number.isInteger(line * 4) && !Number.isInteger(line * 2);
    const halves = (isQuarter ? [line - 0.25, line + 0.25] : [line, line]).map((half) => goalsAhead + half);
    const [whole = '', decimals = ''] = leg.odds.split('.');
    const won = BigInt(whole + decimals.padEnd(4, '0'));
    numerator *= halves.reduce((sum, margin) => sum + (margin > 0 ? won : margin === 0 ? 10_000n : 0n), 0n);
    denominator *= 20_000n;
  }
  const [down, rest] = [numerator / denominator, numerator % denominator];
  const up = 2n * rest > denominator || (2n * rest === denominator && down % 2n === 1n);
  return Number(up ? down + 1n : down);
}

/** By how many goals the selection is ahead without its line; a match result is won by half a goal or not at all. */
function aheadOf(market: string, selection: string, { homeGoals, awayGoals }: Row): number {
  const difference = homeGoals - awayGoals;
  if (market === 'total-goals') return selection === 'over' ? homeGoals + awayGoals : -(homeGoals + awayGoals);
  if (market === 'match-result' && selection === 'draw') return difference === 0 ? 1 : -1;
  const ahead = selection === 'home' ? difference : -difference;
  return market === 'match-result' && ahead === 0 ? -1 : ahead;
}

const onProgress = (): void => undefined;

test('a whole season: 1,270 markets, every bet settled to the penny, all 197 opening quarter lines among them', { timeout: 300_000 }, async () => {
  const betsOut = join(folder, 'bets.jsonl');
  const server = await ownServer();
  const options = { samples: parseSamples(text, 'stop'), onProgress, seed: 11, bets: 800, bettors: 20, incidents: false, betsOut };
  const report = await runSeason(server, options).finally(() => server.stop());
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ fixtures: 380, markets: 1270, bets: { placed: 800, open: 0 } });
  expect(report.quarterLines).toEqual({ opening: 197, betOnBothSides: 197 });

  const bets = (await readFile(betsOut, 'utf8')).trim().split('\n').map((line): BetLine => JSON.parse(line));
  expect(bets).toHaveLength(report.bets.accepted);
  for (const bet of bets) expect({ ...bet, returnMinor: expectedReturn(bet) }).toEqual(bet);
  expect(new Set(bets.map((bet) => bet.status))).toEqual(new Set(['settled']));

  const singles = bets.filter((bet) => bet.legs.length === 1).flatMap((bet) => bet.legs);
  const sides = new Set(singles.map((leg) => `${leg.date} ${leg.home} ${leg.away} ${leg.line} ${leg.selection}`));
  const quarterLines = [...rows].filter(([, row]) => Math.abs(row.openingLine * 4) % 2 === 1);
  expect(quarterLines).toHaveLength(197);
  for (const [match, { openingLine }] of quarterLines) {
    for (const side of ['home', 'away']) expect(sides).toContain(`${match} ${openingLine} ${side}`);
  }
});

test('the same seed gives the same report and the same bets, incidents included', { timeout: 300_000 }, async () => {
  const samples = parseSamples(text.split('\n').slice(0, 41).join('\n'), 'stop');
  const run = async (name: string) => {
    const betsOut = join(folder, name);
    const server = await ownServer({ env: { WAGERLINE_OPEN_BETS_MAX: '40' } });
    const options = { samples, onProgress, seed: 5, bets: 200, bettors: 10, incidents: true, betsOut };
    const { timing: _, ...report } = await runSeason(server, options).finally(() => server.stop());
    return { report, bets: await readFile(betsOut, 'utf8') };
  };
  const [first, second] = await Promise.all([run('first'), run('second')]);
  expect(first.report.findings).toEqual([]);
  expect(first.report.incidents.length).toBeGreaterThan(40);
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
});
