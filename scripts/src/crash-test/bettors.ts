// The load of a crash test: clients side by side that place bets, pay in and take out, each request under a key of its own, and keep
// every answer. Started by crash-run.ts. Two clients may act for one account at a time; some go away before their answer comes.

import { setTimeout as delay } from 'node:timers/promises';
import { sha256Hex } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { inParallel } from '../season/api.ts';
import type { Random } from '../season/random.ts';
import { currency, oddsOf, selections, type Asked, type Fact, type Findings, type Intent } from './facts.ts';
import { UnexpectedAnswer, type Line } from './line.ts';
import type { OpenMarket } from './trader.ts';

export type Account = { readonly accountId: string; readonly token: string };

const stakeUnitMinor = 400;
const stakeUnitsMax = 5;
const firstDepositMinor = 40_000_000;
const moreThanAnybodyHasMinor = 1_000_000_000_000;
const hangUpPercent = 3;
const hangUpMsMax = 8;
const idlePollMs = 20;

export type BettorsOptions = {
  readonly line: Line;
  readonly accounts: readonly Account[];
  readonly offered: ReadonlyMap<string, OpenMarket>;
  readonly findings: Findings;
};

export class Bettors {
  readonly #options: BettorsOptions;
  #stopping = false;
  #asked = 0;
  #askedMax = 0;
  /** Everything that any client ever asked for, answered or not. */
  readonly keyHashes = new Set<string>();
  readonly facts: Fact[] = [];

  constructor(options: BettorsOptions) {
    this.#options = options;
  }

  /** Lets the clients send so many requests more, and no others: this bounds the log, and with it how long the audit takes. */
  allow(requests: number): void {
    this.#askedMax = this.#asked + requests;
  }

  get isIdle(): boolean {
    return this.#asked >= this.#askedMax;
  }

  stop(): void {
    this.#stopping = true;
  }

  async openAccounts(): Promise<void> {
    const { line, accounts } = this.#options;
    await inParallel(accounts, async ({ accountId, token }) => {
      const text = JSON.stringify({ currency, brand: 'crash', jurisdiction: 'GB' });
      const answer = await line.ask({ method: 'PUT', path: `/v1/accounts/${accountId}`, token, text });
      if (answer.status !== 200) throw new Error(`account ${accountId} was not opened: ${answer.text}`);
      await this.#ask({ accountId, token }, { kind: 'deposit', amountMinor: firstDepositMinor }, undefined);
    });
  }

  /** Resolves, after `stop`, when the last request of every client is answered. */
  async run(randoms: readonly Random[]): Promise<void> {
    await Promise.all(randoms.map((random) => this.#client(random)));
  }

  /** One bet of 4.00 on the home side. Answers nothing when the answer was none, which is a finding by then. */
  async betOn(account: Account, { marketId, version }: OpenMarket): Promise<Fact | undefined> {
    const legs = [{ marketId, selectionId: 'home' as const, marketVersion: version }];
    return this.#ask(account, { kind: 'bet', stakeMinor: stakeUnitMinor, legs }, undefined);
  }

  async #client(random: Random): Promise<void> {
    const { accounts } = this.#options;
    while (!this.#stopping) {
      if (this.isIdle) {
        await delay(idlePollMs);
        continue;
      }
      const intent = this.#intent(random);
      const hangUpAfterMs = random.chance(hangUpPercent) ? random.below(hangUpMsMax) : undefined;
      await this.#ask(random.pick(accounts), intent, hangUpAfterMs);
    }
  }

  #intent(random: Random): Intent {
    const offered = [...this.#options.offered.values()];
    if (random.chance(1)) return { kind: 'withdrawal', amountMinor: moreThanAnybodyHasMinor };
    if (offered.length === 0 || random.chance(6)) {
      return { kind: random.chance(50) ? 'deposit' : 'withdrawal', amountMinor: 1 + random.below(5_000) };
    }
    const wanted = random.chance(75) ? 1 : 2;
    const legs = random.shuffled(offered).slice(0, wanted).map(({ marketId, version }) => {
      return { marketId, selectionId: random.pick(selections), marketVersion: version };
    });
    return { kind: 'bet', stakeMinor: stakeUnitMinor * (1 + random.below(stakeUnitsMax)), legs };
  }

  async #ask({ accountId, token }: Account, intent: Intent, hangUpAfterMs: number | undefined): Promise<Fact | undefined> {
    this.#asked += 1;
    const key = `request-${this.#asked}`;
    const keyHash = sha256Hex(`${accountId}:${key}`);
    this.keyHashes.add(keyHash);
    const asked: Asked = { accountId, key, keyHash, intent, path: pathOf(accountId, intent), text: JSON.stringify(bodyOf(intent)) };
    try {
      const answer = await this.#options.line.ask({ method: 'POST', path: asked.path, token, key, text: asked.text }, hangUpAfterMs);
      const { status, text } = answer;
      if (status !== 201 && status !== 409 && status !== 422) throw new UnexpectedAnswer({ method: 'POST', path: asked.path }, answer);
      const fact = { ...asked, accepted: status === 201, status, answer: text, body: JSON.parse(text) };
      this.facts.push(fact);
      return fact;
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer)) throw error;
      this.#options.findings.add('unexpected-answer', `${asked.key}: ${error.message}`);
      return undefined;
    }
  }
}

function pathOf(accountId: string, { kind }: Intent): string {
  return kind === 'bet' ? '/v1/bets' : `/v1/accounts/${accountId}/${kind}s`;
}

function bodyOf(intent: Intent): JsonObject {
  if (intent.kind !== 'bet') return { amountMinor: intent.amountMinor, currency };
  const legs = intent.legs.map((leg) => ({ ...leg, odds: oddsOf[leg.selectionId] }));
  return { type: legs.length === 1 ? 'single' : 'double', currency, stakeMinor: intent.stakeMinor, legs };
}
