// Which bets have a leg in a market: lists of places in the log, by slot. Used by embedded-tables.ts alone.
// New legs gather in memory until the transaction ends and are then written as one row per market: a row per leg, each on another
// page, costs four times as much while bets are placed.

import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Statements } from '../read-model-store/sqlite.ts';

export type BetRange = { readonly after: number; readonly before: number; readonly limit: number };

/** `bets`: packed places (see `packed`) as 64-bit floats. */
export const marketBetsTable = `
  CREATE TABLE market_bets (id INTEGER PRIMARY KEY, market INTEGER NOT NULL, bets BLOB NOT NULL) STRICT;
  CREATE INDEX bets_of_market ON market_bets (market);
`;

const sql = {
  add: 'INSERT INTO market_bets (market, bets) VALUES (?, ?)',
  ofMarket: 'SELECT bets FROM market_bets WHERE market = ?',
} as const;

/** Slot and position in one exact number, so that sorting numbers sorts by slot, then by position. */
const positionsMax = 2 ** 46;
const packed = (slot: number, position: number): number => slot * positionsMax + position;
/** Places of markets that are being settled, kept in memory: 16 MiB. One market alone may have more. */
const listedMax = 2_000_000;

export class MarketBets {
  readonly #sql: Statements;
  /** By market, since the last flush. */
  readonly #added = new Map<number, number[]>();
  /** Everything of a market, sorted. All slots read the same markets at about the same time. */
  readonly #listed = new Map<number, Float64Array>();
  #listedCount = 0;

  constructor(statements: Statements) {
    this.#sql = statements;
  }

  add(market: number, slot: number, position: number): void {
    assert(position < positionsMax, 'a position fits beside its slot');
    const place = packed(slot, position);
    const added = this.#added.get(market);
    if (added === undefined) this.#added.set(market, [place]);
    // Two legs in one market are one place: the bet is found once.
    else if (added.at(-1) !== place) added.push(place);
  }

  /** In the order of the markets, so that each page of their index is visited once. */
  flush(): void {
    for (const market of [...this.#added.keys()].sort((a, b) => a - b)) {
      this.#sql.run(sql.add, market, new Uint8Array(Float64Array.from(this.#added.get(market) ?? []).buffer));
      this.#unlist(market);
    }
    this.#added.clear();
  }

  forget(): void {
    this.#added.clear();
    this.#listed.clear();
    this.#listedCount = 0;
  }

  /** Of one slot's bets, in log order. */
  positions(market: number, slot: number, { after, before, limit }: BetRange): readonly number[] {
    const places = this.#all(market);
    const end = packed(slot, Math.min(before, positionsMax));
    const found: number[] = [];
    for (let index = firstAbove(places, packed(slot, after)); found.length < limit; index += 1) {
      const place = places[index];
      if (place === undefined || place >= end) break;
      found.push(place - packed(slot, 0));
    }
    return found;
  }

  count(market: number, slot: number, { after, before }: Omit<BetRange, 'limit'>): number {
    const places = this.#all(market);
    return Math.max(0, firstAbove(places, packed(slot, Math.min(before, positionsMax) - 1)) - firstAbove(places, packed(slot, after)));
  }

  #all(market: number): Float64Array {
    if (this.#added.has(market)) this.flush();
    const known = this.#listed.get(market);
    if (known !== undefined) return known;
    const rows = this.#sql.rows(sql.ofMarket, market).map((row) => placesIn(row[0]));
    const places = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0));
    let length = 0;
    for (const row of rows) {
      places.set(row, length);
      length += row.length;
    }
    places.sort();
    for (const oldest of this.#listed.keys()) {
      if (this.#listedCount + length <= listedMax) break;
      this.#unlist(oldest);
    }
    this.#listed.set(market, places);
    this.#listedCount += length;
    return places;
  }

  #unlist(market: number): void {
    this.#listedCount -= this.#listed.get(market)?.length ?? 0;
    this.#listed.delete(market);
  }
}

function placesIn(column: unknown): Float64Array {
  assert(column instanceof Uint8Array, 'this column holds bytes');
  return new Float64Array(column.buffer, column.byteOffset, column.byteLength / Float64Array.BYTES_PER_ELEMENT);
}

/** Index of the first place above this one. */
function firstAbove(places: Float64Array, place: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}
