// Which market asks the same of another season: the first one that was opened there with the same kind and line. Used by embedded-tables.ts alone.
// Markets that name a season wait for its market, so that their bets are found under it, also where it is opened later.

import type { OpenedMarket, Successor } from '@wagerline/shared-kernel/ports/settlement-index';
import { integer, text, type Statements } from '../read-model-store/sqlite.ts';

/** `place`: a fixture and what is asked about it, as JSON text. */
export const seasonTables = `
  CREATE TABLE openings (market INTEGER PRIMARY KEY, id TEXT NOT NULL, position INTEGER NOT NULL, place TEXT NOT NULL, selections TEXT NOT NULL) STRICT;
  CREATE INDEX openings_at_place ON openings (place, position);
  CREATE TABLE awaited (place TEXT NOT NULL, market INTEGER NOT NULL, PRIMARY KEY (place, market)) STRICT, WITHOUT ROWID;
`;

const sql = {
  open: 'INSERT OR IGNORE INTO openings VALUES (?, ?, ?, ?, ?)',
  placeOf: 'SELECT place FROM openings WHERE market = ?',
  firstAt: 'SELECT market, id, position, selections FROM openings WHERE place = ? ORDER BY position LIMIT 1',
  await: 'INSERT OR IGNORE INTO awaited VALUES (?, ?)',
  awaiting: 'SELECT market FROM awaited WHERE place = ?',
  anyAwaited: 'SELECT 1 FROM awaited LIMIT 1',
} as const;

type Place = readonly [fixtureId: string, kind: string, line: string | null];

export class Seasons {
  readonly #sql: Statements;
  /** Hardly any log has replaced seasons: then nothing more is asked. Undefined: not known. */
  #isAnyAwaited: boolean | undefined;

  constructor(statements: Statements) {
    this.#sql = statements;
  }

  forget(): void {
    this.#isAnyAwaited = undefined;
  }

  /** True when bets of other markets are found under this one from here on. */
  open(number: number, { marketId, fixtureId, kind, line, selectionIds, position }: OpenedMarket): boolean {
    const place: Place = [fixtureId, kind, line];
    this.#sql.run(sql.open, number, marketId, position, JSON.stringify(place), JSON.stringify(selectionIds));
    return this.before(number).length > 0;
  }

  /** The market is replaced by the one in that season, be it open already or not. */
  replace(number: number, fixtureId: string): void {
    const place = this.#placeIn(fixtureId, number);
    if (place === undefined) return;
    this.#sql.run(sql.await, place, number);
    this.#isAnyAwaited = true;
  }

  successor(number: number, fixtureId: string, position: number): Successor | undefined {
    const place = this.#placeIn(fixtureId, number);
    const row = place === undefined ? undefined : this.#sql.row(sql.firstAt, place);
    if (row === undefined || integer(row[2]) > position) return undefined;
    const selectionIds: readonly string[] = JSON.parse(text(row[3]));
    return { marketId: text(row[1]), fixtureId, position: integer(row[2]), selectionIds };
  }

  /** Markets whose bets may have moved to this one, by way of others too. */
  before(number: number): readonly number[] {
    this.#isAnyAwaited ??= this.#sql.row(sql.anyAwaited) !== undefined;
    if (!this.#isAnyAwaited) return [];
    const found = new Set([number]);
    for (const market of found) for (const row of this.#awaiting(market)) found.add(integer(row[0]));
    found.delete(number);
    return [...found];
  }

  #awaiting(number: number) {
    const place = this.#sql.row(sql.placeOf, number)?.[0];
    const isFirst = place !== undefined && this.#sql.row(sql.firstAt, text(place))?.[0] === number;
    return isFirst ? this.#sql.rows(sql.awaiting, text(place)) : [];
  }

  /** What is asked there as the market asks it. */
  #placeIn(fixtureId: string, number: number): string | undefined {
    const own = this.#sql.row(sql.placeOf, number)?.[0];
    if (own === undefined) return undefined;
    const [, kind, line]: Place = JSON.parse(text(own));
    const place: Place = [fixtureId, kind, line];
    return JSON.stringify(place);
  }
}
