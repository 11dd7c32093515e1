// Reads a football-data CSV file: one match per row with its real score, opening and closing odds. Called by the season and by the demo.
// Columns are found by their names in the header, so any file that has them will do. A row is complete or bad: nothing is guessed.

import { readFile } from 'node:fs/promises';
import { formatLine } from '@wagerline/shared-kernel/betting/market-kinds';
import { formatOdds, parseDecimalOdds } from '@wagerline/shared-kernel/values/odds';
import { parse } from 'csv-parse/sync';
import { isoDate, kickOffAt } from './kick-off.ts';

/** Decimal odds as text, in the order of the market's selections. `handicapLine` is the home side's. */
export type OddsSet = {
  readonly matchResult: readonly [home: string, draw: string, away: string];
  readonly totalGoals: readonly [over: string, under: string];
  readonly handicapLine: string;
  readonly asianHandicap: readonly [home: string, away: string];
};

export type Match = {
  /** Line of the file, the header being line 1. */
  readonly line: number;
  readonly competition: string;
  readonly date: string;
  readonly startsAt: string;
  readonly home: string;
  readonly away: string;
  readonly score: { readonly home: number; readonly away: number };
  readonly opening: OddsSet;
  readonly closing: OddsSet;
};

export type BadRow = { readonly line: number; readonly problem: string };
export type Samples = { readonly matches: readonly Match[]; readonly badRows: readonly BadRow[] };

/** The file cannot be played: the message says which line and why. */
export class SamplesError extends Error {
  override name = 'SamplesError';
}

const columns = [
  ...['Div', 'Date', 'HomeTeam', 'AwayTeam', 'FTHG', 'FTAG'],
  ...['B365H', 'B365D', 'B365A', 'B365>2.5', 'B365<2.5', 'AHh', 'B365AHH', 'B365AHA'],
  ...['B365CH', 'B365CD', 'B365CA', 'B365C>2.5', 'B365C<2.5', 'AHCh', 'B365CAHH', 'B365CAHA'],
];

/** @throws SamplesError for a file without these columns, and for its first bad row when `onBadRow` is `stop`. */
export async function readSamples(file: string, onBadRow: 'stop' | 'skip'): Promise<Samples> {
  return parseSamples(decoded(await readFile(file)), onBadRow);
}

export function parseSamples(text: string, onBadRow: 'stop' | 'skip'): Samples {
  const records = recordsOf(text);
  const matches: Match[] = [];
  const badRows: BadRow[] = [];
  const seen = new Map<string, number>();
  for (const { line, cells } of records) {
    const match = matchOf(line, cells);
    const problem = typeof match === 'string' ? match : repeated(match, seen);
    if (typeof match !== 'string' && problem === undefined) {
      matches.push(match);
      continue;
    }
    if (onBadRow === 'stop') throw new SamplesError(`line ${line}: ${problem}; --on-bad-row skip leaves such rows out`);
    badRows.push({ line, problem: problem ?? '' });
  }
  if (matches.length === 0) throw new SamplesError('the file has no match that can be played');
  return { matches, badRows };
}

type Cells = ReadonlyMap<string, string>;

/** Windows' code page is what the older files were written in; a byte order mark is dropped. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function recordsOf(text: string): readonly { readonly line: number; readonly cells: Cells }[] {
  const rows: { line: number; cells: string[] }[] = [];
  const onRecord = (cells: string[], { lines }: { lines: number }): null => {
    if (cells.some((cell) => cell !== '')) rows.push({ line: lines, cells });
    return null;
  };
  try {
    parse(text, { bom: true, trim: true, relax_column_count: true, skip_empty_lines: true, on_record: onRecord });
  } catch (error) {
    throw new SamplesError(`not a CSV file: ${error instanceof Error ? error.message : String(error)}`);
  }
  const header = rows.shift()?.cells ?? [];
  const missing = columns.filter((name) => !header.includes(name));
  if (missing.length > 0) throw new SamplesError(`the header has no ${missing.join(', ')}`);
  return rows.map(({ line, cells }) => ({ line, cells: new Map(header.map((name, index) => [name, cells[index] ?? ''])) }));
}

/** A text says what is wrong with the row. */
function matchOf(line: number, cells: Cells): Match | string {
  const blank = columns.find((name) => (cells.get(name) ?? '') === '');
  if (blank !== undefined) return `${blank} is empty`;
  const cell = (name: string): string => cells.get(name) ?? '';
  const date = isoDate(cell('Date'));
  if (date === undefined) return `Date "${cell('Date')}" is not dd/mm/yyyy`;
  const startsAt = kickOffAt(date, cell('Time'));
  if (startsAt === undefined) return `Time "${cell('Time')}" is not hh:mm`;
  const competition = cell('Div');
  if (!/^[A-Za-z0-9]{1,8}$/.test(competition)) return `Div "${competition}" is not a short name`;
  const [home, away] = [cell('HomeTeam'), cell('AwayTeam')];
  if (home === away || home.length > 60 || away.length > 60) return 'HomeTeam and AwayTeam are two names of at most 60 characters';
  const score = { home: goals(cell('FTHG')), away: goals(cell('FTAG')) };
  if (Number.isNaN(score.home + score.away)) return `FTHG "${cell('FTHG')}" and FTAG "${cell('FTAG')}" are not a score`;
  const opening = oddsSet(cell, 'B365', 'AHh');
  if (typeof opening === 'string') return opening;
  const closing = oddsSet(cell, 'B365C', 'AHCh');
  if (typeof closing === 'string') return closing;
  return { line, competition, date, startsAt, home, away, score, opening, closing };
}

function oddsSet(cell: (name: string) => string, prefix: string, lineColumn: string): OddsSet | string {
  const problems: string[] = [];
  const odds = (name: string): string => {
    const parsed = parseDecimalOdds(cell(prefix + name));
    if (parsed !== undefined) return formatOdds(parsed);
    problems.push(`${prefix}${name} "${cell(prefix + name)}" is not decimal odds`);
    return '';
  };
  const handicapLine = quarterGoals(cell(lineColumn));
  if (handicapLine === undefined) problems.push(`${lineColumn} "${cell(lineColumn)}" is not a line in quarters of a goal`);
  const set: OddsSet = {
    matchResult: [odds('H'), odds('D'), odds('A')],
    totalGoals: [odds('>2.5'), odds('<2.5')],
    handicapLine: handicapLine ?? '',
    asianHandicap: [odds('AHH'), odds('AHA')],
  };
  return problems[0] ?? set;
}

/** "-0.50", "+1" and "0" in their shortest spelling. */
function quarterGoals(text: string): string | undefined {
  const quarters = /^[+-]?\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) * 4 : Number.NaN;
  // Minus zero is written as 0.
  return Number.isInteger(quarters) ? formatLine(quarters + 0) : undefined;
}

function goals(text: string): number {
  return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
}

function repeated(match: Match, seen: Map<string, number>): string | undefined {
  const key = `${match.date} ${match.home} ${match.away}`;
  const first = seen.get(key);
  seen.set(key, first ?? match.line);
  return first === undefined ? undefined : `the match of line ${first} again`;
}
