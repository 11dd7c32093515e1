// The kinds of market that we offer: their selections, their lines, and what a score makes of each selection.
// Lines are exact quarters: half of a stake on a quarter line stands on each of the two neighbouring half or whole lines.

import { unreachable } from '../values/unreachable.ts';
import type { LegResult } from './slip.ts';

/** Kinds that a score decides, with selections of their own. */
export type ScoredKind = 'match-result' | 'total-goals' | 'asian-handicap';
/** `winner`: a race or tournament, whose market names its selections. */
export type MarketKind = ScoredKind | 'winner';
export type Score = { readonly home: number; readonly away: number };

export const scoredKinds: readonly ScoredKind[] = ['match-result', 'total-goals', 'asian-handicap'];

const selectionKeys: Readonly<Record<ScoredKind, readonly string[]>> = {
  'match-result': ['home', 'draw', 'away'],
  'total-goals': ['over', 'under'],
  'asian-handicap': ['home', 'away'],
};

/** Undefined for a kind whose markets name their own. */
export function selectionsOf(kind: ScoredKind): readonly string[];
export function selectionsOf(kind: MarketKind): readonly string[] | undefined;
export function selectionsOf(kind: MarketKind): readonly string[] | undefined {
  return kind === 'winner' ? undefined : selectionKeys[kind];
}

const lineText = /^-?(0|[1-9]\d{0,2})(\.(25|5|75))?$/;

/** A line in quarters of a goal ("-0.75" is -3); undefined unless it is a multiple of 0.25 in its shortest spelling. */
export function parseLine(text: string): number | undefined {
  if (!lineText.test(text) || text === '-0') return undefined;
  // Quarters are exact in binary, so this product is too.
  return Number(text) * 4;
}

export function formatLine(quarters: number): string {
  return `${quarters / 4}`;
}

export function isQuarterLine(text: string): boolean {
  return Math.abs(parseLine(text) ?? 0) % 2 === 1;
}

/** A match result or winner has no line. A total has one of at least half a goal, so that both sides can win. A handicap's is the home side's. */
export function isLineOf(kind: MarketKind, line: string | null): boolean {
  const quarters = line === null ? undefined : parseLine(line);
  switch (kind) {
    case 'match-result':
    case 'winner':
      return line === null;
    case 'total-goals':
      return quarters !== undefined && quarters >= 2;
    case 'asian-handicap':
      return quarters !== undefined;
    default:
      return unreachable(kind);
  }
}

/** The result of one selection at the final score. Throws for a line or selection that the kind does not have: opening checks both. */
export function legResultFromScore(kind: ScoredKind, line: string | null, selection: string, score: Score): LegResult {
  const difference = score.home - score.away;
  switch (kind) {
    case 'match-result': {
      const winner = difference > 0 ? 'home' : difference < 0 ? 'away' : 'draw';
      return knownSelection(kind, selection) === winner ? 'won' : 'lost';
    }
    case 'total-goals': {
      const above = 4 * (score.home + score.away) - lineQuarters(kind, line);
      return resultFromMargin(knownSelection(kind, selection) === 'over' ? above : -above);
    }
    case 'asian-handicap': {
      const ahead = 4 * difference + lineQuarters(kind, line);
      return resultFromMargin(knownSelection(kind, selection) === 'home' ? ahead : -ahead);
    }
    default:
      return unreachable(kind);
  }
}

/** A quarter away from the line, one half of the stake is a push. */
function resultFromMargin(quarters: number): LegResult {
  if (quarters >= 2) return 'won';
  if (quarters === 1) return 'half_won';
  if (quarters === 0) return 'push';
  return quarters === -1 ? 'half_lost' : 'lost';
}

/** The line of a market that was opened with it. */
export function lineQuarters(kind: ScoredKind, line: string | null): number {
  const quarters = line === null || !isLineOf(kind, line) ? undefined : parseLine(line);
  if (quarters === undefined) throw new Error(`a ${kind} market has no line ${line ?? '(none)'}`);
  return quarters;
}

function knownSelection(kind: ScoredKind, selection: string): string {
  if (!selectionKeys[kind].includes(selection)) throw new Error(`a ${kind} market has no selection ${selection.slice(0, 64)}`);
  return selection;
}
