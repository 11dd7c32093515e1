// What a store holds before a benchmark starts: bettors with money, markets on offer, years of settled bets, or one market that
// everybody has bet on. Called by the parts of the bench, on a folder that a server has been started and stopped on.

import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { fixtureStream, marketStream, uuidV5 } from '@wagerline/shared-kernel/values/ids';
import { toIso } from '@wagerline/shared-kernel/values/time';
import { plainFixture, type BookFixture } from './book.ts';
import { legOn, PreloadedAccount, storedOdds, type LegVerdict, type PlacedBet, type SlipLeg } from './preload-account.ts';
import type { PreloadLog } from './preload-log.ts';

export const depositMinor = 50_000_000;
export const stakeMinor = 100;
const bettorNamespace = '6d1f7c52-9a0e-4c43-b7a6-0e5f2f1d9b01';
const now = (): string => toIso(Date.now());

export function bettorIds(count: number, group = 'bettor'): readonly string[] {
  return Array.from({ length: count }, (_, index) => uuidV5(bettorNamespace, `${group} ${index}`));
}

export async function openAccounts(log: PreloadLog, accountIds: readonly string[]): Promise<readonly PreloadedAccount[]> {
  const accounts = accountIds.map((accountId) => new PreloadedAccount(accountId));
  for (const account of accounts) {
    account.open(depositMinor, now());
    await account.flush(log);
  }
  return accounts;
}

export async function offer(log: PreloadLog, fixtures: readonly BookFixture[]): Promise<void> {
  for (const { markets, ...fixture } of fixtures) {
    const { fixtureId } = fixture;
    await log.record(fixtureStream(fixtureId), -1, { type: 'FixtureScheduled', at: now(), ...fixture });
    for (const { marketId, kind, line, selections } of markets) {
      const offered = selections.map((selection) => ({ ...selection, odds: storedOdds(selection.odds) }));
      const terms = { kind, line, selections: offered, inPlay: false, stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null };
      await log.record(marketStream(marketId), -1, { type: 'MarketOpened', at: now(), marketId, fixtureId, ...terms });
    }
  }
}

/** Closed, and resulted with a home win: the market's revisions 1 and 2. */
async function homeWins(log: PreloadLog, { fixtureId, markets }: BookFixture): Promise<void> {
  for (const { marketId, selections } of markets) {
    const results = selections.map(({ selectionId }) => ({ selectionId, result: resultOf(selectionId) }));
    const about = { marketId, fixtureId, at: now() };
    const events: readonly DomainEvent[] = [
      { type: 'MarketClosed', ...about, reason: 'started' },
      { type: 'MarketResulted', ...about, results },
    ];
    await log.record(marketStream(marketId), 0, ...events);
  }
}

const homeWonRevision = 2;
const resultOf = (selectionId: string): 'won' | 'lost' => (selectionId === 'home' ? 'won' : 'lost');

export type History = {
  /** Names the fixtures: two histories in one log need two names. */
  readonly name: string;
  readonly betsPerAccount: number;
  /** Open at a time, in each account: the bets of one round of matches. */
  readonly betsPerRound: number;
  readonly onProgress: (eventCount: number) => void;
};

/** Settled bets of 1 to 3 legs, spread over the accounts as rounds of matches would spread them; about one in three wins. */
export async function addSettledHistory(log: PreloadLog, accounts: readonly PreloadedAccount[], history: History): Promise<void> {
  const { name, betsPerAccount, betsPerRound, onProgress } = history;
  for (let round = 0; round * betsPerRound < betsPerAccount; round += 1) {
    const count = Math.min(betsPerRound, betsPerAccount - round * betsPerRound);
    const fixtures = [0, 1, 2].map((index) => plainFixture(`${name}-${round}-${index}`));
    await offer(log, fixtures);
    const slips = fixtures.flatMap((_, index) => slipsOf(fixtures.slice(0, index + 1)));
    const placed: (readonly PlacedBet[])[] = [];
    for (const [index, account] of accounts.entries()) {
      placed.push(Array.from({ length: count }, (_, bet) => account.place(slips[(index + bet) % slips.length] ?? [], stakeMinor, now())));
      await account.flush(log);
    }
    // The bets before the result, in the log as well.
    await log.written();
    for (const fixture of fixtures) await homeWins(log, fixture);
    await log.written();
    for (const [index, account] of accounts.entries()) {
      for (const bet of placed[index] ?? []) account.settle(bet, bet.legs.map(verdict), now());
      await account.flush(log);
    }
    onProgress(log.eventCount);
  }
}

function slipsOf(fixtures: readonly BookFixture[]): readonly (readonly SlipLeg[])[] {
  return ['home', 'home', 'draw', 'away'].map((selectionId) => fixtures.map((fixture) => legOn(fixture, selectionId)));
}

function verdict({ selectionId }: { readonly selectionId: string }): LegVerdict {
  return { result: resultOf(selectionId), resultRevision: homeWonRevision, late: false };
}

/** Open singles on the home side, everybody the same number. */
export async function addOpenSingles(
  log: PreloadLog,
  accounts: readonly PreloadedAccount[],
  fixture: BookFixture,
  betsPerAccount: number,
): Promise<void> {
  const legs = [legOn(fixture, 'home')];
  for (const account of accounts) {
    for (let bet = 0; bet < betsPerAccount; bet += 1) account.place(legs, stakeMinor, now());
    await account.flush(log);
  }
}
