// What a trader offers on each match of a file: the fixture, its markets with opening and closing prices, and the windows of 20 matches
// that are open together. Pure. Called by the season, the demo and their tests.

import { isQuarterLine, legResultFromScore, selectionsOf, type ScoredKind, type Score } from '@wagerline/shared-kernel/betting/market-kinds';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import type { Match, OddsSet } from './samples.ts';

/** Decimal odds by selection, in the order of the market's selections. */
export type Prices = readonly { readonly selectionId: string; readonly odds: string }[];

export type PlannedMarket = {
  readonly marketId: string;
  readonly fixtureId: string;
  readonly kind: ScoredKind;
  readonly line: string | null;
  /** Undefined: opened only when the line has moved here. */
  readonly opening: Prices | undefined;
  /** Undefined: closed when the line has moved away. */
  readonly closing: Prices | undefined;
};

export type PlannedFixture = {
  readonly fixtureId: string;
  readonly sport: string;
  readonly competition: string;
  readonly home: string;
  readonly away: string;
  readonly date: string;
  readonly startsAt: string;
  readonly score: Score;
  readonly markets: readonly PlannedMarket[];
};

export type Window = { readonly index: number; readonly fixtures: readonly PlannedFixture[] };
export type SeasonPlan = {
  readonly windows: readonly Window[];
  readonly fixtures: readonly PlannedFixture[];
  readonly markets: readonly PlannedMarket[];
};

/** The files have no rounds: a window is a block of this many rows in file order. */
const windowFixtures = 20;
const totalGoalsLine = '2.5';
/** Ids are slugs of at most 64 characters: date, two names and the market have to fit. */
const nameLengthMax = 19;

export function planSeason(matches: readonly Match[]): SeasonPlan {
  const fixtures = matches.map(planFixture);
  const windows: Window[] = [];
  for (let from = 0; from < fixtures.length; from += windowFixtures) {
    windows.push({ index: windows.length, fixtures: fixtures.slice(from, from + windowFixtures) });
  }
  return { windows, fixtures, markets: fixtures.flatMap((fixture) => fixture.markets) };
}

export function planFixture(match: Match): PlannedFixture {
  const { competition, date, startsAt, home, away, score, opening, closing } = match;
  const fixtureId = `${date}.${slugOf(home)}.${slugOf(away)}`;
  return { fixtureId, sport: 'football', competition, home, away, date, startsAt, score, markets: marketsOf(fixtureId, opening, closing) };
}

/** Where the handicap has moved, the market at the old line has no closing prices, and one at the new line has no opening prices. */
function marketsOf(fixtureId: string, opening: OddsSet, closing: OddsSet): readonly PlannedMarket[] {
  const market = (kind: ScoredKind, line: string | null, from?: readonly string[], to?: readonly string[]): PlannedMarket => {
    const marketId = `${fixtureId}.${shortNames[kind]}${line ?? ''}`;
    return { marketId, fixtureId, kind, line, opening: from && pricesOf(kind, from), closing: to && pricesOf(kind, to) };
  };
  const always = [
    market('match-result', null, opening.matchResult, closing.matchResult),
    market('total-goals', totalGoalsLine, opening.totalGoals, closing.totalGoals),
  ];
  if (opening.handicapLine === closing.handicapLine) {
    return [...always, market('asian-handicap', opening.handicapLine, opening.asianHandicap, closing.asianHandicap)];
  }
  return [
    ...always,
    market('asian-handicap', opening.handicapLine, opening.asianHandicap),
    market('asian-handicap', closing.handicapLine, undefined, closing.asianHandicap),
  ];
}

export function isOpeningQuarterLine({ kind, line, opening }: PlannedMarket): boolean {
  return kind === 'asian-handicap' && line !== null && opening !== undefined && isQuarterLine(line);
}

export function resultsOf(market: PlannedMarket, score: Score): readonly { readonly selectionId: string; readonly result: LegResult }[] {
  const { kind, line } = market;
  return selectionsOf(kind).map((selectionId) => ({ selectionId, result: legResultFromScore(kind, line, selectionId, score) }));
}

/** What people call a selection of this market. */
export function selectionName(market: PlannedMarket, selectionId: string, fixture: Pick<PlannedFixture, 'home' | 'away'>): string {
  const side = selectionId === 'home' ? fixture.home : selectionId === 'away' ? fixture.away : capitalised(selectionId);
  if (market.line === null) return side;
  if (market.kind === 'total-goals') return `${side} ${market.line}`;
  const line = selectionId === 'home' ? Number(market.line) : 0 - Number(market.line);
  return `${side} ${line > 0 ? '+' : ''}${line}`;
}

const shortNames: Readonly<Record<ScoredKind, string>> = { 'match-result': '1x2', 'total-goals': 'ou', 'asian-handicap': 'ah' };

function pricesOf(kind: ScoredKind, odds: readonly string[]): Prices {
  return selectionsOf(kind).map((selectionId, index) => ({ selectionId, odds: odds[index] ?? '' }));
}

function capitalised(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain.replaceAll(/[^a-z0-9]+/g, '-').slice(0, nameLengthMax).replaceAll(/^-+|-+$/g, '') || 'team';
}
