// Adds up a season as the query API shows it, bet by bet and posting by posting, against what the server had answered. Pure.
// Called by report.ts. Whatever does not fit is a finding in plain words.

import type { MarketKind } from '@wagerline/shared-kernel/betting/market-kinds';
import type { PlacedBet } from './bettors.ts';
import type { BetRead, StatementLineRead } from './read-back.ts';

/** Of accepted bets. */
export type Money = { accepted: number; stakeMinor: number; returnMinor: number };
export type Size = 'single' | '2-5 legs' | '6-20 legs';

export const sizes: readonly Size[] = ['single', '2-5 legs', '6-20 legs'];
const findingsMax = 100;

export class Tally {
  readonly total: Money = nothing();
  readonly bySize: Record<Size, Money> = { single: nothing(), '2-5 legs': nothing(), '6-20 legs': nothing() };
  /** Money of singles only: what a leg of a multiple brought cannot be told. */
  readonly singlesByKind: Record<MarketKind, Money> = { 'match-result': nothing(), 'total-goals': nothing(), 'asian-handicap': nothing(), winner: nothing() };
  readonly legsByKind: Record<MarketKind, number> = { 'match-result': 0, 'total-goals': 0, 'asian-handicap': 0, winner: 0 };
  readonly byStatus: Record<BetRead['status'], number> = { open: 0, settled: 0, void: 0 };
  /** Minor units per currency and ledger account; all bettors together. */
  readonly ledger: Record<string, Record<string, number>> = {};
  /** Sides of markets that carry an accepted single, as "market selection". */
  readonly singleSides = new Set<string>();
  readonly findings: string[] = [];
  readonly #accepted: Map<string, PlacedBet>;

  constructor(placed: readonly PlacedBet[]) {
    this.#accepted = new Map(placed.filter((bet) => bet.code === undefined).map((bet) => [bet.betId, bet]));
  }

  addBet(bet: BetRead): void {
    const placed = this.#accepted.get(bet.betId);
    this.#accepted.delete(bet.betId);
    if (placed === undefined) this.#finding(`bet ${bet.betId} was not accepted, or is there twice`);
    else if (!isAsAccepted(bet, placed)) this.#finding(`bet ${bet.betId} is not as it was accepted`);
    this.byStatus[bet.status] += 1;
    if (bet.status === 'open') this.#finding(`bet ${bet.betId} is not settled`);
    count(this.total, bet);
    count(this.bySize[sizeOf(bet.legs.length)], bet);
    for (const leg of bet.legs) this.legsByKind[leg.marketKind] += 1;
    const [leg] = bet.legs;
    if (bet.legs.length !== 1 || leg === undefined) return;
    count(this.singlesByKind[leg.marketKind], bet);
    this.singleSides.add(`${leg.marketId} ${leg.selectionId}`);
  }

  /** The statement of one account: its postings are its balance, and every line of it sums to zero. */
  addStatement(accountId: string, lines: readonly StatementLineRead[], balanceMinor: number): void {
    let bettorMinor = 0;
    for (const { postings } of lines) {
      const total = postings.reduce((sum, posting) => sum + posting.amountMinor, 0);
      if (total !== 0) this.#finding(`a line of ${accountId} does not sum to zero`);
      for (const { account, currency, amountMinor } of postings) {
        const name = account.startsWith('bettor:') ? 'bettors' : account;
        const sums = (this.ledger[currency] ??= {});
        sums[name] = (sums[name] ?? 0) + amountMinor;
        if (account === `bettor:${accountId}`) bettorMinor += amountMinor;
      }
    }
    if (bettorMinor !== balanceMinor) this.#finding(`account ${accountId} shows ${balanceMinor}, its postings sum to ${bettorMinor}`);
  }

  /** After everything has been added. */
  close(): void {
    for (const betId of this.#accepted.keys()) this.#finding(`bet ${betId} was accepted and is not there`);
    for (const [currency, sums] of Object.entries(this.ledger)) {
      const total = Object.values(sums).reduce((sum, amount) => sum + amount, 0);
      if (total !== 0) this.#finding(`the ledger sums to ${total} ${currency}`);
      if ((sums['open-stakes'] ?? 0) !== 0) this.#finding(`open stakes of ${sums['open-stakes']} ${currency} are left`);
    }
  }

  /** The first ones; a broken run has thousands, and the first say it. */
  #finding(text: string): void {
    if (this.findings.length < findingsMax) this.findings.push(text);
  }
}

export function sizeOf(legs: number): Size {
  return legs === 1 ? 'single' : legs <= 5 ? '2-5 legs' : '6-20 legs';
}

export function marginOf(money: Money): string {
  if (money.stakeMinor === 0) return '0.00';
  // In hundredths of a per cent, rounded towards zero: shown, never calculated with.
  const hundredths = Math.trunc(((money.stakeMinor - money.returnMinor) * 10_000) / money.stakeMinor);
  return (hundredths / 100).toFixed(2);
}

function nothing(): Money {
  return { accepted: 0, stakeMinor: 0, returnMinor: 0 };
}

function count(money: Money, bet: BetRead): void {
  money.accepted += 1;
  money.stakeMinor += bet.stakeMinor;
  money.returnMinor += bet.returnMinor ?? 0;
}

function isAsAccepted(bet: BetRead, { bet: planned, odds, accountId }: PlacedBet): boolean {
  if (bet.accountId !== accountId || bet.stakeMinor !== planned.stakeMinor || bet.legs.length !== planned.legs.length) return false;
  return bet.legs.every((leg, index) => {
    const asked = planned.legs[index];
    return leg.marketId === asked?.marketId && leg.selectionId === asked.selectionId && leg.odds === odds[index];
  });
}
