// Plays a season through the HTTP API: window after window is offered, bet on, moved, started, ended, resulted and settled.
// Called by season.ts and its tests. Waits at barriers, so that the same seed always meets the same prices.

import { addHours } from '@wagerline/shared-kernel/values/time';
import { settled, pricesInView, type ServerStatus } from './barrier.ts';
import { planBets, type PlannedBet, type Phase } from './bets.ts';
import { accountIdOf, fundWindow, openAccount, placeBets, type Bettor, type PlacedBet } from './bettors.ts';
import { inParallel, type Caller } from './api.ts';
import type { PlannedFixture, SeasonPlan, Window } from './plan.ts';
import type { SeasonServer } from './season-server.ts';
import { Trader } from './trader.ts';

export type SeasonOptions = {
  readonly plan: SeasonPlan;
  readonly seed: number;
  readonly bets: number;
  readonly bettors: number;
  readonly server: SeasonServer;
  readonly onProgress: (text: string) => void;
};

export type Timing = { totalSeconds: number; placingSeconds: number; settlingSeconds: number; betsPerSecond: number };

export type PlayedSeason = {
  readonly placed: readonly PlacedBet[];
  readonly accountIds: readonly string[];
  readonly marketsOpened: number;
  readonly status: ServerStatus;
  readonly timing: Timing;
};

export async function playSeason(options: SeasonOptions): Promise<PlayedSeason> {
  const season = new Season(options, await options.server.as('season-trader', 'trader'), await options.server.as('season', 'admin'));
  return season.play();
}

class Season {
  readonly #options: SeasonOptions;
  readonly #trader: Trader;
  readonly #admin: Caller;
  readonly #bettors: Bettor[] = [];
  readonly #placed: PlacedBet[] = [];
  #accepted = 0;
  #placingMs = 0;
  #settlingMs = 0;

  constructor(options: SeasonOptions, trader: Caller, admin: Caller) {
    this.#options = options;
    this.#trader = new Trader(trader);
    this.#admin = admin;
  }

  async play(): Promise<PlayedSeason> {
    const { plan, onProgress } = this.#options;
    const startedMs = performance.now();
    const bets = Map.groupBy(planBets(plan, this.#options), (bet) => bet.window);
    const [first] = plan.windows;
    if (first === undefined) throw new Error('a season has a window');
    await this.#at(addHours(firstKickOff(first.fixtures), -72));
    await this.#openAccounts();
    await this.#offer(first);
    for (const window of plan.windows) {
      await this.#playWindow(window, plan.windows[window.index + 1], bets.get(window.index) ?? []);
      const placed = `${this.#placed.length} bets placed, ${this.#accepted} accepted`;
      onProgress(`window ${window.index + 1} of ${plan.windows.length} settled: ${placed}`);
    }
    const status = await settled(this.#admin);
    const seconds = (ms: number): number => Math.round(ms / 10) / 100;
    return {
      placed: this.#placed.toSorted((a, b) => a.bet.index - b.bet.index),
      accountIds: this.#bettors.map((bettor) => bettor.accountId),
      marketsOpened: this.#trader.marketsOpened,
      status,
      timing: {
        totalSeconds: seconds(performance.now() - startedMs),
        placingSeconds: seconds(this.#placingMs),
        settlingSeconds: seconds(this.#settlingMs),
        betsPerSecond: Math.round((this.#placed.length * 1_000) / this.#placingMs),
      },
    };
  }

  /** The next window opens before this one starts: in between, slips with legs of both are placed. */
  async #playWindow(window: Window, next: Window | undefined, bets: readonly PlannedBet[]): Promise<void> {
    const { fixtures } = window;
    const place = (phase: Phase): Promise<void> => this.#place(bets.filter((bet) => bet.phase === phase));
    await fundWindow(this.#bettors, window.index, bets);
    await place('opening');
    await this.#at(addHours(firstKickOff(fixtures), -1));
    await this.#trader.movePrices(fixtures);
    await place('closing');
    if (next !== undefined) {
      await this.#offer(next);
      await place('crossing');
    }
    await this.#at(lastKickOff(fixtures));
    await this.#trader.start(fixtures);
    await this.#at(addHours(lastKickOff(fixtures), 2));
    await this.#trader.end(fixtures);
    await this.#trader.result(fixtures);
    const startedMs = performance.now();
    await settled(this.#admin);
    this.#settlingMs += performance.now() - startedMs;
  }

  async #openAccounts(): Promise<void> {
    const { server, seed, bettors } = this.#options;
    for (let number = 0; number < bettors; number += 1) {
      const accountId = accountIdOf(seed, number);
      this.#bettors.push({ accountId, caller: await server.as(accountId, 'bettor') });
    }
    await inParallel(this.#bettors, openAccount);
  }

  async #offer(window: Window): Promise<void> {
    await this.#at(addHours(firstKickOff(window.fixtures), -48));
    await this.#trader.offer(window.fixtures);
  }

  async #place(bets: readonly PlannedBet[]): Promise<void> {
    await pricesInView(this.#admin);
    const startedMs = performance.now();
    await placeBets(
      this.#bettors,
      bets,
      (marketId) => this.#trader.versionOf(marketId),
      (placed) => {
        this.#placed.push(placed);
        if (placed.code === undefined) this.#accepted += 1;
      },
    );
    this.#placingMs += performance.now() - startedMs;
  }

  #at(instant: string): Promise<void> {
    return this.#options.server.advanceTo(instant);
  }
}

function firstKickOff(fixtures: readonly PlannedFixture[]): string {
  return fixtures.map((fixture) => fixture.startsAt).sort()[0] ?? '';
}

function lastKickOff(fixtures: readonly PlannedFixture[]): string {
  return fixtures.map((fixture) => fixture.startsAt).sort().at(-1) ?? '';
}
