// The ledger as the log tells it, folded event by event: postings, wallets, bets. Keeps what breaks a rule as a finding.
// Pure: called by verify-ledger.ts, which reads the log, and by its tests.

import { accountDecider } from '@wagerline/command-side/account';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { isAccountEvent, type AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { postings, voidedReturnMinor } from '@wagerline/shared-kernel/events/postings';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';

type AccountState = Parameters<typeof accountDecider.evolve>[0];
export type Wallet = { state: AccountState; revision: number; postedMinor: number; readonly currency: string };
export type BookedBet = {
  readonly accountId: string;
  readonly stakeMinor: number;
  status: 'open' | 'settled' | 'void';
  /** How many settlements the bet has had, and whether the last one is in force. */
  settlement: number;
  isSettled: boolean;
  returnMinor: number;
  revision: number;
};
export type Finding = { readonly rule: string; readonly subject: string; readonly position: number; readonly detail: string };

const findingsMax = 100;
/** A daily cap takes back no more than the settlement in front of it has paid. */
const takesBack: ReadonlySet<string> = new Set(['BetSettlementReversed', 'DailyCapApplied']);

export class LedgerBook {
  /** Per currency and ledger account: `bettors`, `open-stakes`, `house`, `payments`. */
  readonly sums = new Map<string, Map<string, number>>();
  readonly wallets = new Map<string, Wallet>();
  readonly bets = new Map<string, BookedBet>();
  readonly findings: Finding[] = [];
  events = 0;
  settlements = 0;
  reversals = 0;

  /** An event that cannot be read or folded is a finding, not the end: everything else is still proved. */
  read(recorded: RecordedEvent): void {
    try {
      this.apply(decode(recorded), recorded.position);
    } catch (error) {
      this.#find('event-is-readable', `${recorded.stream}@${recorded.revision}`, recorded.position, String(error));
    }
  }

  apply(event: DomainEvent, position: number): void {
    this.events += 1;
    if (!isAccountEvent(event)) return;
    // First, because it refuses what is no event: nothing of that may get into the sums.
    this.#fold(event, position);
    this.#post(event, position);
    this.#followBet(event, position);
  }

  /** Rules about the whole book, not about one event. */
  close(position: number): void {
    for (const [currency, accounts] of this.sums) {
      const total = [...accounts.values()].reduce((sum, amount) => sum + amount, 0);
      if (total !== 0) this.#find('postings-sum-to-zero', currency, position, `all postings sum to ${total}`);
      const openStakes = [...this.bets.values()]
        .filter((bet) => bet.status === 'open' && this.wallets.get(bet.accountId)?.currency === currency)
        .reduce((sum, bet) => sum + bet.stakeMinor, 0);
      const posted = accounts.get('open-stakes') ?? 0;
      if (posted !== openStakes) this.#find('open-liability', currency, position, `open-stakes holds ${posted}, open bets have staked ${openStakes}`);
    }
    for (const [accountId, { state, postedMinor }] of this.wallets) {
      const balanceMinor = state.status === 'open' ? state.balanceMinor : 0;
      if (balanceMinor !== postedMinor) this.#find('wallet-is-its-postings', accountId, position, `wallet ${balanceMinor}, postings ${postedMinor}`);
    }
  }

  /** Accounts below zero now: blocked from betting and withdrawal until they are settled. */
  blockedAccounts(): readonly { readonly accountId: string; readonly balanceMinor: number }[] {
    return [...this.wallets].filter(([, wallet]) => wallet.postedMinor < 0).map(([accountId, wallet]) => ({ accountId, balanceMinor: wallet.postedMinor }));
  }

  #post(event: AccountEvent, position: number): void {
    const perCurrency = new Map<string, number>();
    for (const { account, currency, amountMinor } of postings(event)) {
      perCurrency.set(currency, (perCurrency.get(currency) ?? 0) + amountMinor);
      const sums = this.sums.get(currency) ?? new Map<string, number>();
      this.sums.set(currency, sums);
      const name = account.startsWith('bettor:') ? 'bettors' : account;
      sums.set(name, (sums.get(name) ?? 0) + amountMinor);
      const wallet = account.startsWith('bettor:') ? this.wallets.get(account.slice('bettor:'.length)) : undefined;
      if (wallet === undefined) continue;
      const before = wallet.postedMinor;
      wallet.postedMinor += amountMinor;
      if (wallet.postedMinor < 0 && amountMinor < 0 && !takesBack.has(event.type)) {
        this.#find('below-zero-by-reversal-only', account, position, `${event.type} took the balance from ${before} to ${wallet.postedMinor}`);
      }
    }
    for (const [currency, sum] of perCurrency) if (sum !== 0) this.#find('event-balances', event.type, position, `postings in ${currency} sum to ${sum}`);
  }

  #fold(event: AccountEvent, position: number): void {
    if (event.type === 'AccountOpened') {
      this.wallets.set(event.accountId, { state: accountDecider.initial, revision: -1, postedMinor: 0, currency: event.currency });
    }
    const wallet = this.wallets.get(event.accountId);
    if (wallet === undefined) return this.#find('account-is-open', event.accountId, position, `${event.type} before AccountOpened`);
    wallet.state = accountDecider.evolve(wallet.state, event);
    wallet.revision += 1;
  }

  #followBet(event: AccountEvent, position: number): void {
    if (event.type === 'BetPlaced') {
      if (this.bets.has(event.betId)) this.#find('bet-placed-once', event.betId, position, 'placed again');
      const { accountId, stakeMinor } = event;
      this.bets.set(event.betId, { accountId, stakeMinor, status: 'open', settlement: 0, isSettled: false, returnMinor: 0, revision: 0 });
    }
    if (!('betId' in event) || event.type === 'BetRefused' || !('legs' in event)) return;
    const bet = this.bets.get(event.betId);
    if (bet === undefined) return this.#find('bet-is-placed', event.betId, position, `${event.type} of a bet that was never placed`);
    bet.revision = this.wallets.get(event.accountId)?.revision ?? -1;
    if (event.type === 'BetSettled') this.#settled(event, bet, position);
    if (event.type === 'BetSettlementReversed') this.#reversed(event, bet, position);
    if (event.type === 'BetVoided') {
      if (bet.status !== 'open') this.#find('one-effective-settlement', event.betId, position, 'voided while settled');
      bet.status = 'void';
      bet.returnMinor = voidedReturnMinor(event);
    }
  }

  #settled(event: Extract<AccountEvent, { type: 'BetSettled' }>, bet: BookedBet, position: number): void {
    this.settlements += 1;
    if (bet.status !== 'open' || event.settlement !== bet.settlement + 1) {
      this.#find('one-effective-settlement', event.betId, position, `settlement ${event.settlement} after ${bet.settlement}, ${bet.status}`);
    }
    bet.status = event.state === 'void' ? 'void' : 'settled';
    bet.settlement = event.settlement;
    bet.isSettled = true;
    bet.returnMinor = event.returnMinor;
  }

  #reversed(event: Extract<AccountEvent, { type: 'BetSettlementReversed' }>, bet: BookedBet, position: number): void {
    this.reversals += 1;
    if (!bet.isSettled || event.settlement !== bet.settlement || event.returnMinor !== bet.returnMinor) {
      const detail = `reverses ${event.settlement} of ${event.returnMinor}, in force ${bet.settlement} of ${bet.returnMinor}`;
      this.#find('reversal-negates-its-settlement', event.betId, position, detail);
    }
    bet.status = 'open';
    bet.isSettled = false;
    bet.returnMinor = 0;
  }

  #find(rule: string, subject: string, position: number, detail: string): void {
    if (this.findings.length < findingsMax) this.findings.push({ rule, subject, position, detail });
  }
}
