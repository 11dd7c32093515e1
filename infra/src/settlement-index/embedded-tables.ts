// Tables and statements of the embedded settlement index. Used by embedded.ts alone, which owns the file and its transactions.

import type { DatabaseSync } from 'node:sqlite';
import type { Cause, HeldMarket, IndexedBet, IndexedLeg, MarketResult, OpenedMarket, Successor } from '@wagerline/shared-kernel/ports/settlement-index';
import type { Trigger, UnreadableEvent } from '@wagerline/shared-kernel/ports/settlement-index';
import { integer, Statements, text, type Row } from '../read-model-store/sqlite.ts';
import { Seasons, seasonTables } from './seasons.ts';
import { MarketBets, marketBetsTable, type BetRange } from './market-bets.ts';
import { MarketStakes, marketStakesTables } from './market-stakes.ts';

/** Bets stand in log order, each as one JSON text: placing one writes at the end of the file. Other tables belong to the files that name them. */
const tables = `
  CREATE TABLE progress (position INTEGER NOT NULL, open_bets INTEGER NOT NULL) STRICT;
  INSERT INTO progress VALUES (0, 0);
  CREATE TABLE markets (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, is_open INTEGER NOT NULL) STRICT;
  CREATE TABLE started_fixtures (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE results (position INTEGER PRIMARY KEY, market INTEGER NOT NULL, revision INTEGER NOT NULL, results TEXT NOT NULL, cause TEXT NOT NULL) STRICT;
  CREATE TABLE held_markets (market INTEGER PRIMARY KEY, waiting TEXT) STRICT;
  CREATE INDEX results_of_market ON results (market);
  CREATE TABLE bets (position INTEGER PRIMARY KEY, bet TEXT NOT NULL) STRICT;
  ${marketBetsTable}
  ${marketStakesTables}
  ${seasonTables}
  CREATE TABLE found_markets (position INTEGER PRIMARY KEY, market INTEGER NOT NULL, cause TEXT NOT NULL) STRICT;
  CREATE TABLE late_bets (slot INTEGER NOT NULL, position INTEGER NOT NULL, cause TEXT NOT NULL, PRIMARY KEY (slot, position)) STRICT, WITHOUT ROWID;
  CREATE TABLE unreadable (position INTEGER NOT NULL, stream TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (position, stream)) STRICT, WITHOUT ROWID;
`;

/** Texts of the statements; ?1, ?2 where one value is used twice. */
const sql = {
  position: 'SELECT position FROM progress',
  setPosition: 'UPDATE progress SET position = ?',
  openBets: 'SELECT open_bets FROM progress',
  changeOpenBets: 'UPDATE progress SET open_bets = open_bets + ?',
  hold: 'INSERT OR IGNORE INTO held_markets VALUES (?, NULL)',
  held: 'SELECT waiting FROM held_markets WHERE market = ?',
  wait: 'UPDATE held_markets SET waiting = ? WHERE market = ?',
  resume: 'DELETE FROM held_markets WHERE market = ?',
  heldMarkets: 'SELECT m.id, h.waiting IS NOT NULL FROM held_markets h JOIN markets m ON m.number = h.market ORDER BY m.id LIMIT ?',
  market: 'SELECT number, is_open FROM markets WHERE id = ?',
  addMarket: 'INSERT INTO markets (id, is_open) VALUES (?, 0) RETURNING number',
  setStatus: 'UPDATE markets SET is_open = ? WHERE number = ?',
  started: 'SELECT 1 FROM started_fixtures WHERE id = ?',
  addStarted: 'INSERT OR IGNORE INTO started_fixtures VALUES (?)',
  results: 'SELECT position, revision, results FROM results WHERE market = ? ORDER BY position',
  addResult: 'INSERT INTO results VALUES (?, ?, ?, ?, ?)',
  addBet: 'INSERT INTO bets VALUES (?, ?)',
  addLateBet: 'INSERT INTO late_bets VALUES (?, ?, ?)',
  betAt: 'SELECT position, bet FROM bets WHERE position = ?',
  triggers: `SELECT r.position, m.id, r.cause FROM results r JOIN markets m ON m.number = r.market WHERE r.position > ?1
    UNION ALL SELECT f.position, m.id, f.cause FROM found_markets f JOIN markets m ON m.number = f.market WHERE f.position > ?1
    UNION ALL SELECT position, NULL, cause FROM late_bets WHERE slot = ?2 AND position > ?1 ORDER BY 1 LIMIT ?3`,
  addFound: 'INSERT INTO found_markets VALUES (?, ?, ?)',
  addUnreadable: 'INSERT OR IGNORE INTO unreadable VALUES (?, ?, ?)',
  unreadable: 'SELECT position, stream, reason FROM unreadable ORDER BY position, stream LIMIT ?',
} as const;

type Market = { readonly number: number; readonly isOpen: boolean; readonly results: readonly MarketResult[] };
type StoredLeg = [marketId: string, selectionId: string, marketVersion: number, late: 0 | 1];
type StoredBet = [betId: string, accountId: string, placedAtMs: number, moves: 0 | 1, ...legs: StoredLeg[]];

/** Markets and fixtures kept in memory: those in play now, and some. */
const cacheEntriesMax = 20_000;
const unreadableMax = 10_000;

export class IndexTables {
  readonly #sql: Statements;
  readonly #marketBets: MarketBets;
  readonly stakes: MarketStakes;
  readonly #seasons: Seasons;
  readonly #markets = new Map<string, Market>();
  readonly #started = new Map<string, boolean>();

  static create(db: DatabaseSync, version: number): void {
    db.exec(`BEGIN; ${tables} PRAGMA user_version = ${version}; COMMIT`);
  }

  constructor(db: DatabaseSync) {
    this.#sql = new Statements(db);
    this.#marketBets = new MarketBets(this.#sql);
    this.stakes = new MarketStakes(this.#sql, { known: (marketId) => this.market(marketId)?.number, of: (marketId) => this.#numberOf(marketId) });
    this.#seasons = new Seasons(this.#sql);
  }

  /** Writes what stands in memory alone. Called before every COMMIT. */
  flush(): void {
    this.#marketBets.flush();
    this.stakes.flush();
  }

  /** Drops what is kept in memory: after a rollback it may not be so. */
  forget(): void {
    this.#marketBets.forget();
    this.stakes.forget();
    this.#seasons.forget();
    this.#markets.clear();
    this.#started.clear();
  }

  position(): number {
    return integer(this.#sql.row(sql.position)?.[0]);
  }

  setPosition(position: number): void {
    this.#sql.run(sql.setPosition, position);
  }

  addBet({ position, placedAtMs, betId, accountId, moves, legs }: IndexedBet, slot: number, lateCause: Cause | undefined): void {
    const storedLeg = ({ marketId, selectionId, marketVersion, late }: IndexedLeg): StoredLeg => [marketId, selectionId, marketVersion, late ? 1 : 0];
    const stored: StoredBet = [betId, accountId, placedAtMs, moves === true ? 1 : 0, ...legs.map(storedLeg)];
    this.#sql.run(sql.addBet, position, JSON.stringify(stored));
    for (const leg of legs) this.#marketBets.add(this.#numberOf(leg.marketId), slot, position);
    if (lateCause !== undefined) this.#sql.run(sql.addLateBet, slot, position, JSON.stringify(lateCause));
  }

  market(marketId: string): Market | undefined {
    const known = this.#markets.get(marketId);
    if (known !== undefined) return known;
    const row = this.#sql.row(sql.market, marketId);
    if (row === undefined) return undefined;
    const number = integer(row[0]);
    return this.#keep(marketId, { number, isOpen: row[1] === 1, results: this.#sql.rows(sql.results, number).map(resultOf) });
  }

  setMarketStatus(marketId: string, isOpen: boolean): void {
    this.#keep(marketId, { number: this.#numberOf(marketId), isOpen, results: this.market(marketId)?.results ?? [] });
    this.#sql.run(sql.setStatus, isOpen ? 1 : 0, this.#numberOf(marketId));
  }

  addOpened(market: OpenedMarket, cause: Cause): boolean {
    this.setMarketStatus(market.marketId, true);
    const number = this.#numberOf(market.marketId);
    const isFound = this.#seasons.open(number, market);
    if (isFound) this.#sql.run(sql.addFound, market.position, number, JSON.stringify(cause));
    return isFound;
  }

  successor(marketId: string, fixtureId: string, position: number): Successor | undefined {
    const market = this.market(marketId);
    return market && this.#seasons.successor(market.number, fixtureId, position);
  }

  addResult(marketId: string, result: MarketResult, cause: Cause): void {
    this.setMarketStatus(marketId, false);
    const number = this.#numberOf(marketId);
    for (const { supercededBy } of result.cancelled ?? []) if (supercededBy !== undefined) this.#seasons.replace(number, supercededBy);
    if (this.#sql.row(sql.held, number) !== undefined) {
      this.#sql.run(sql.wait, JSON.stringify(result), number);
      return;
    }
    this.#sql.run(sql.addResult, result.position, number, result.revision, JSON.stringify(saidOf(result)), JSON.stringify(cause));
    this.#keep(marketId, { number, isOpen: false, results: [...(this.market(marketId)?.results ?? []), result] });
  }

  newestResult(marketId: string): MarketResult | undefined {
    const market = this.market(marketId);
    const waiting = market && this.#sql.row(sql.held, market.number)?.[0];
    if (waiting === null || waiting === undefined) return market?.results.at(-1);
    const result: MarketResult = JSON.parse(text(waiting));
    return result;
  }

  hold(marketId: string): void {
    this.#sql.run(sql.hold, this.#numberOf(marketId));
  }

  resume(marketId: string, position: number, cause: Cause): boolean {
    const number = this.#numberOf(marketId);
    const waiting = this.#sql.row(sql.held, number)?.[0] ?? null;
    this.#sql.run(sql.resume, number);
    if (waiting === null) return false;
    const result: MarketResult = JSON.parse(text(waiting));
    this.addResult(marketId, { ...result, position }, cause);
    return true;
  }

  heldMarkets(limit: number): readonly HeldMarket[] {
    return this.#sql.rows(sql.heldMarkets, limit).map((row) => ({ marketId: text(row[0]), hasResult: row[1] === 1 }));
  }

  changeOpenBets(change: number): void {
    this.#sql.run(sql.changeOpenBets, change);
  }

  openBets(): number {
    return integer(this.#sql.row(sql.openBets)?.[0]);
  }

  addStarted(fixtureId: string): void {
    this.#sql.run(sql.addStarted, fixtureId);
    keepBounded(this.#started, fixtureId, true);
  }

  hasStarted(fixtureId: string): boolean {
    return this.#started.get(fixtureId) ?? keepBounded(this.#started, fixtureId, this.#sql.row(sql.started, fixtureId) !== undefined);
  }

  addUnreadable({ position, stream, reason }: UnreadableEvent): void {
    this.#sql.run(sql.addUnreadable, position, stream, reason);
  }

  unreadable(): readonly UnreadableEvent[] {
    return this.#sql.rows(sql.unreadable, unreadableMax).map((row) => ({ position: integer(row[0]), stream: text(row[1]), reason: text(row[2]) }));
  }

  triggers(slot: number, after: number, limit: number): readonly Trigger[] {
    return this.#sql.rows(sql.triggers, after, slot, limit).map((row) => {
      const cause: Cause = JSON.parse(text(row[2]));
      return { position: integer(row[0]), marketId: row[1] === null ? null : text(row[1]), cause };
    });
  }

  bets(marketId: string, slot: number, range: BetRange): readonly IndexedBet[] {
    const market = this.market(marketId);
    if (market === undefined) return [];
    return this.#positions(market.number, slot, range).flatMap((position) => this.betAt(position) ?? []);
  }

  betCount(marketId: string, slot: number, range: Omit<BetRange, 'limit'>): number {
    const market = this.market(marketId);
    if (market === undefined) return 0;
    const isAlone = this.#seasons.before(market.number).length === 0;
    return isAlone ? this.#marketBets.count(market.number, slot, range) : this.#positions(market.number, slot, { ...range, limit: Infinity }).length;
  }

  /** A bet with legs here and in a replaced season is found once. */
  #positions(number: number, slot: number, range: BetRange): readonly number[] {
    const own = this.#marketBets.positions(number, slot, range);
    const replaced = this.#seasons.before(number);
    if (replaced.length === 0) return own;
    const all = new Set([...own, ...replaced.flatMap((other) => this.#marketBets.positions(other, slot, range))]);
    return [...all].sort((a, b) => a - b).slice(0, range.limit);
  }

  betAt(position: number): IndexedBet | undefined {
    const row = this.#sql.row(sql.betAt, position);
    return row && betOf(row);
  }

  /** Of a market that the log has said nothing of, too: a bet may name it. */
  #numberOf(marketId: string): number {
    const known = this.market(marketId)?.number;
    if (known !== undefined) return known;
    return this.#keep(marketId, { number: integer(this.#sql.row(sql.addMarket, marketId)?.[0]), isOpen: false, results: [] }).number;
  }

  #keep(marketId: string, market: Market): Market {
    return keepBounded(this.#markets, marketId, market);
  }
}

function betOf(row: Row): IndexedBet {
  const [betId, accountId, placedAtMs, moves, ...legs]: StoredBet = JSON.parse(text(row[1]));
  const legOf = ([marketId, selectionId, marketVersion, late]: StoredLeg): IndexedLeg => ({ marketId, selectionId, marketVersion, late: late === 1 });
  return { position: integer(row[0]), placedAtMs, betId, accountId, ...(moves === 1 && { moves: true }), legs: legs.map(legOf) };
}

function resultOf(row: Row): MarketResult {
  const said: ReturnType<typeof saidOf> = JSON.parse(text(row[2]));
  return { position: integer(row[0]), revision: integer(row[1]), ...said };
}

function saidOf({ position: _, revision: _revision, ...said }: MarketResult) {
  return said;
}

/** Forgets what was put in first: it can be read again. */
function keepBounded<Value>(cache: Map<string, Value>, key: string, value: Value): Value {
  cache.set(key, value);
  if (cache.size > cacheEntriesMax) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
  return value;
}
