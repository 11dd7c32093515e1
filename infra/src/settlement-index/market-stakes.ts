// What was bet on each market so far, by currency, and what waits there to be decided, for the embedded settlement index. Used by embedded-tables.ts and
// embedded.ts. A busy market changes with every bet, so sums stay in memory until the next commit and cost one row each.

import type { Stakes } from '@wagerline/shared-kernel/events/market-events';
import type { IndexedDecision } from '@wagerline/shared-kernel/ports/settlement-index';
import { integer, text, type Row, type Statements } from '../read-model-store/sqlite.ts';

export const marketStakesTables = `
  CREATE TABLE market_stakes (market INTEGER NOT NULL, currency TEXT NOT NULL, stake_minor INTEGER NOT NULL, PRIMARY KEY (market, currency))
    STRICT, WITHOUT ROWID;
  CREATE TABLE waiting_decisions (market INTEGER PRIMARY KEY, position INTEGER NOT NULL, decision TEXT NOT NULL) STRICT;
`;

const sql = {
  put: 'INSERT INTO market_stakes VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET stake_minor = ?3',
  ofMarket: 'SELECT currency, stake_minor FROM market_stakes WHERE market = ?',
  wait: 'INSERT OR REPLACE INTO waiting_decisions VALUES (?, ?, ?)',
  end: 'DELETE FROM waiting_decisions WHERE market = ?',
  decision: 'SELECT decision FROM waiting_decisions WHERE market = ?',
  decisions: 'SELECT decision FROM waiting_decisions ORDER BY position LIMIT ?',
} as const;

/** `of` makes one for a market that the index has not met. */
export type MarketNumbers = { readonly known: (marketId: string) => number | undefined; readonly of: (marketId: string) => number };

export class MarketStakes {
  readonly #sql: Statements;
  readonly #numbers: MarketNumbers;
  /** Sums of the markets that were bet on since the last flush. */
  readonly #changed = new Map<number, Map<string, number>>();

  constructor(statements: Statements, numbers: MarketNumbers) {
    this.#sql = statements;
    this.#numbers = numbers;
  }

  add(marketId: string, currency: string, stakeMinor: number): void {
    const market = this.#numbers.of(marketId);
    const sums = this.#sums(market);
    this.#changed.set(market, sums);
    // A sum that no integer holds is above every bound all the same.
    sums.set(currency, Math.min((sums.get(currency) ?? 0) + stakeMinor, Number.MAX_SAFE_INTEGER));
  }

  of(marketId: string): Stakes {
    const market = this.#numbers.known(marketId);
    const sums = market === undefined ? [] : [...this.#sums(market)];
    return sums.map(([currency, stakeMinor]) => ({ currency, stakeMinor })).sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }

  decide(marketId: string, waiting: IndexedDecision | undefined): void {
    const market = this.#numbers.of(marketId);
    if (waiting === undefined) this.#sql.run(sql.end, market);
    else this.#sql.run(sql.wait, market, waiting.position, JSON.stringify(waiting));
  }

  decision(marketId: string): IndexedDecision | undefined {
    const market = this.#numbers.known(marketId);
    const row = market === undefined ? undefined : this.#sql.row(sql.decision, market);
    return row && decisionOf(row);
  }

  decisions(limit: number): readonly IndexedDecision[] {
    return this.#sql.rows(sql.decisions, limit).map(decisionOf);
  }

  /** Called before every COMMIT. */
  flush(): void {
    for (const [market, sums] of this.#changed) for (const [currency, stakeMinor] of sums) this.#sql.run(sql.put, market, currency, stakeMinor);
    this.#changed.clear();
  }

  /** After a rollback what stands in memory may not be so. */
  forget(): void {
    this.#changed.clear();
  }

  #sums(market: number): Map<string, number> {
    const stored = (): [string, number][] => this.#sql.rows(sql.ofMarket, market).map((row) => [text(row[0]), integer(row[1])]);
    return this.#changed.get(market) ?? new Map(stored());
  }
}

function decisionOf(row: Row): IndexedDecision {
  const waiting: IndexedDecision = JSON.parse(text(row[0]));
  return waiting;
}
