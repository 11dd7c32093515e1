import { expect, test } from 'vitest';
import { isoDate, kickOffAt, ukDateOf } from './kick-off.ts';
import { parseSamples, readSamples, SamplesError } from './samples.ts';
import { premierLeague } from './season-files.ts';

const openingColumns = 'B365H,B365D,B365A,B365>2.5,B365<2.5,AHh,B365AHH,B365AHA';
const closingColumns = 'B365CH,B365CD,B365CA,B365C>2.5,B365C<2.5,AHCh,B365CAHH,B365CAHA';
const header = `Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,${openingColumns},${closingColumns}`;
const row = (over: Partial<Record<string, string>> = {}): string => {
  const cells: Partial<Record<string, string>> = {
    ...{ Div: 'E0', Date: '09/08/2019', Time: '20:00', HomeTeam: 'Liverpool', AwayTeam: 'Norwich', FTHG: '4', FTAG: '1' },
    ...{ B365H: '1.14', B365D: '10', B365A: '19', 'B365>2.5': '1.40', 'B365<2.5': '3', AHh: '-2.25', B365AHH: '1.96', B365AHA: '1.94' },
    ...{ B365CH: '1.14', B365CD: '9.5', B365CA: '21', 'B365C>2.5': '1.3', 'B365C<2.5': '3.5' },
    ...{ AHCh: '-2.50', B365CAHH: '1.91', B365CAHA: '1.99' },
    ...over,
  };
  return header.split(',').map((name) => cells[name] ?? '').join(',');
};

test('the season of 2019-20: 380 matches, 197 opening quarter lines, 130 lines that moved', async () => {
  const { matches, badRows } = await readSamples(premierLeague, 'stop');
  expect(badRows).toEqual([]);
  expect(matches).toHaveLength(380);
  expect(matches.filter((match) => Number(match.opening.handicapLine) % 0.5 !== 0)).toHaveLength(197);
  expect(matches.filter((match) => match.opening.handicapLine !== match.closing.handicapLine)).toHaveLength(130);
  const first = { line: 2, date: '2019-08-09', startsAt: '2019-08-09T19:00:00.000Z', home: 'Liverpool', score: { home: 4, away: 1 } };
  expect(matches[0]).toMatchObject(first);
});

test('a row: canonical odds and lines, whatever the order of columns and the byte order mark', () => {
  const names = header.split(',').toReversed().join(',');
  const cells = row().split(',').toReversed().join(',');
  const { matches } = parseSamples(`\uFEFF${names}\r\n${cells}\r\n,,,,\r\n`, 'stop');
  expect(matches).toEqual(parseSamples(`${header}\n${row()}`, 'stop').matches);
  expect(matches[0]?.opening).toEqual({
    matchResult: ['1.14', '10', '19'],
    totalGoals: ['1.4', '3'],
    handicapLine: '-2.25',
    asianHandicap: ['1.96', '1.94'],
  });
  expect(matches[0]?.closing.handicapLine).toBe('-2.5');
});

test.each([
  [{ AHCh: '' }, 'AHCh is empty'],
  [{ AHh: '-0.3' }, 'AHh "-0.3" is not a line in quarters of a goal'],
  [{ B365D: '1' }, 'B365D "1" is not decimal odds'],
  [{ FTHG: 'x' }, 'FTHG "x" and FTAG "1" are not a score'],
  [{ Date: '31/02/2019' }, 'Date "31/02/2019" is not dd/mm/yyyy'],
  [{ Time: '25:00' }, 'Time "25:00" is not hh:mm'],
])('a bad row %j stops the import, or is skipped and reported by line', (over, problem) => {
  const text = `${header}\n${row({ HomeTeam: 'Leeds' })}\n${row(over)}\n`;
  expect(() => parseSamples(text, 'stop')).toThrow(`line 3: ${problem}`);
  const { matches, badRows } = parseSamples(text, 'skip');
  expect(matches.map((match) => match.home)).toEqual(['Leeds']);
  expect(badRows).toEqual([{ line: 3, problem }]);
});

test('a short row, a match that comes twice and a file without a column', () => {
  const text = `${header}\n${row()}\nE0,10/08/2019\n${row()}\n`;
  expect(parseSamples(text, 'skip').badRows).toEqual([
    { line: 3, problem: 'HomeTeam is empty' },
    { line: 4, problem: 'the match of line 2 again' },
  ]);
  expect(() => parseSamples(header.replace('AHCh', 'AHx'), 'skip')).toThrow(new SamplesError('the header has no AHCh'));
});

test('dates and times are those of London, in summer and in winter', () => {
  expect(['09/08/19', '09/08/2019', '01/09/93', '2019-08-09'].map(isoDate)).toEqual(['2019-08-09', '2019-08-09', '1993-09-01', undefined]);
  expect(kickOffAt('2019-08-09', '20:00')).toBe('2019-08-09T19:00:00.000Z');
  expect(kickOffAt('2019-12-26', '20:00')).toBe('2019-12-26T20:00:00.000Z');
  expect(kickOffAt('2019-08-09', '')).toBe('2019-08-09T14:00:00.000Z');
  expect(ukDateOf('2019-08-08T23:30:00.000Z')).toBe('2019-08-09');
});
