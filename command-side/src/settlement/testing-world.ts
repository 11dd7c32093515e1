// A small betting world for the tests of the settlement job: a real log, real accounts and markets, workers to start and stop.
// Bets are placed without a market view, so that a test can place late ones.

import { createLogger } from '@wagerline/infra/logger';
import { openTemporarySettlement, type TemporarySettlement } from '@wagerline/infra/testing/temporary-settlement';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import { identityOf, type FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import { decode } from '@wagerline/shared-kernel/events/codec';
import type { PriceCorrection } from '@wagerline/shared-kernel/events/market-events';
import { postings } from '@wagerline/shared-kernel/events/postings';
import type { IndexedDecision, SettlementIndex } from '@wagerline/shared-kernel/ports/settlement-index';
import { betIdOf, sha256Hex, uuidV5 } from '@wagerline/shared-kernel/values/ids';
import type { AccountCommand, SlipLeg } from '../account/commands.ts';
import { createHandlers, type CommandHandlers } from '../handlers.ts';
import type { MarketCommand } from '../market/commands.ts';
import { startSettlement, type Settlement } from './settlement.ts';
import { alone } from '../market/testing-by-hand.ts';

type LegTerms = { readonly inPlay?: boolean; readonly startsAt?: string; readonly antePost?: true };
export type Leg = LegTerms & { readonly market: string; readonly selection?: string; readonly odds?: string };
export type WorkerOptions = {
  /** Names the index; two workers side by side need two. */
  readonly name?: string;
  readonly monotonicMs?: () => number;
  readonly handlers?: Pick<CommandHandlers, 'account'>;
  readonly leaseTakeoverMs?: number;
  readonly returnApprovalMinor?: number;
  readonly tree?: string;
  /** Stands in for the worker's index, for one that fails. */
  readonly index?: SettlementIndex;
};
export type RunningWorker = Settlement & { decisions(): readonly IndexedDecision[]; stop(): Promise<void> };
export type World = Awaited<ReturnType<typeof openWorld>>;

const logger = createLogger({ logLevel: 'silent' });
const startMs = Date.UTC(2019, 7, 9, 12);
const fixtureOf = (market: string): string => `fixture-of-${market}`;
export const accountIdOf = (name: string): string => uuidV5('00000000-0000-4000-8000-000000000000', name);

export async function openWorld(temporary?: TemporarySettlement) {
  const ground = temporary ?? (await openTemporarySettlement());
  const { eventStore } = ground;
  const workers = new Set<RunningWorker>();
  let commands = 0;
  const clock = { nowMs: () => startMs, monotonicMs: () => performance.now() };
  const newHandlers = (): CommandHandlers => {
    const onSnapshotFailure = (): void => undefined;
    return createHandlers({ eventStore, clock, cacheEntriesMax: 1000, snapshotEveryEvents: 1000, appendRetriesMax: 20, onSnapshotFailure });
  };
  const handlers = newHandlers();
  const context = () => ({
    commandId: `command-${(commands += 1)}`,
    causationId: 'test',
    correlationId: 'a-test',
    traceparent: '00-1-1-01',
    actor: { role: 'trader' as const, id: 'test' },
  });
  const market = (id: string, command: (at: string) => MarketCommand) => handlers.market.handle(id, command, context());
  const account = (name: string, command: (at: string) => AccountCommand) => handlers.account.handle(accountIdOf(name), command, context());
  const resultsOf = (results: Readonly<Record<string, LegResult>>) =>
    Object.entries(results).map(([selectionId, result]) => ({ selectionId, result }));
  const moneyKey = (name: string, key: string) => ({ keyHash: sha256Hex(`${name}:${key}`), requestHash: sha256Hex(key) });

  const startWorker = (options: WorkerOptions = {}) => {
    const { name = 'worker', monotonicMs = clock.monotonicMs, handlers: own = newHandlers(), leaseTakeoverMs = 60_000 } = options;
    const stop = new AbortController();
    const index = options.index ?? ground.openIndex(name);
    const config = { returnApprovalMinor: options.returnApprovalMinor ?? 100_000_000, slotConcurrencyMax: 8, leaseRenewMs: 2, leaseTakeoverMs };
    const pause = (ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => (signal.aborted ? resolve() : void setTimeout(resolve, Math.min(ms, 2))));
    const settlement = startSettlement({
      eventStore, handlers: own, market: handlers.market, index, clock: { monotonicMs }, config, signal: stop.signal, logger, tree: options.tree, pause,
    });
    const worker: RunningWorker = {
      ...settlement,
      decisions: () => index.decisions(100),
      async stop() {
        workers.delete(worker);
        stop.abort();
        await settlement.done;
        await index.close();
      },
    };
    workers.add(worker);
    return worker;
  };

  return {
    eventStore,
    ground,
    handlers,
    newHandlers,
    startWorker,
    async fund(name: string, amountMinor = 100_000) {
      await account(name, (at) => ({ type: 'OpenAccount', accountId: accountIdOf(name), currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at }));
      const money = { amountMinor, amountMinorMax: amountMinor, currency: 'GBP', ...moneyKey(name, 'deposit') };
      await account(name, (at) => ({ type: 'Deposit', ...money, at }));
    },
    async open(name: string, selections: readonly string[] = ['home', 'away'], inPlay = false) {
      const offered = selections.map((selectionId) => ({ selectionId, name: selectionId, odds: '2/1' }));
      const terms = { marketId: name, fixtureId: fixtureOf(name), kind: 'asian-handicap' as const, line: '-0.75', inPlay, selections: offered };
      await market(name, (at) => ({ type: 'OpenMarket', ...terms, stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null, at }));
    },
    /** Any other command to a market. */
    market,
    suspend: (name: string) => market(name, (at) => ({ type: 'SuspendMarket', reason: 'test', at })),
    resume: (name: string) => market(name, (at) => ({ type: 'ResumeMarket', at })),
    close: (name: string) => market(name, (at) => ({ type: 'CloseMarket', reason: 'test', at })),
    result: (name: string, results: Readonly<Record<string, LegResult>>) =>
      market(name, (at) => ({ type: 'ResultMarket', results: resultsOf(results), byHand: alone, at })),
    correct: (name: string, results: Readonly<Record<string, LegResult>>) =>
      market(name, (at) => ({ type: 'CorrectResult', results: resultsOf(results), reason: 'test', byHand: alone, at })),
    declare: (name: string, errorId: string, correction: PriceCorrection | null) =>
      market(name, (at) => ({ type: 'DeclarePriceError', errorId, correction, reason: 'wrong-decimal', byHand: alone, at })),
    payEarly: (name: string, selectionId: string) => market(name, (at) => ({ type: 'PayEarly', selectionId, reason: 'two-goals-ahead', byHand: alone, at })),
    withdraw: (name: string, selectionId: string) =>
      market(name, (at) => ({ type: 'WithdrawSelection', selectionId, result: 'void', reason: 'lame', byHand: alone, at })),
    unplayed: (name: string, until: string) => market(name, (at) => ({ type: 'NoteUnplayed', until, at })),
    release: (name: string) => market(name, (at) => ({ type: 'ReleaseMarket', reason: 'test', at })),
    /** What a producer says of the market, once. */
    feed(name: string, type: FeedMessage['type'], timestampMs: number, more: Partial<FeedMessage> = {}) {
      const message: FeedMessage = { type, product: 1, fixture: fixtureOf(name), market: name, specifiers: '', timestampMs, outcomes: [], ...more };
      return market(name, (at) => ({ type: 'ReceiveFeed', messageId: sha256Hex(identityOf(message)), message, messagesMax: 100, at }));
    },
    hold: (name: string) => market(name, (at) => ({ type: 'HoldSettlement', reason: 'test', at })),
    resumeSettlement: (name: string) => market(name, (at) => ({ type: 'ResumeSettlement', at })),
    /** By two people, where one may not. */
    async voidMarket(name: string) {
      await market(name, (at) => ({ type: 'VoidMarket', reason: 'test', byHand: alone, at }));
      await market(name, (at) => ({ type: 'ApproveMarketVoid', by: { role: 'settler', id: 'other' }, at }));
    },
    async startFixture(ofMarket: string) {
      const fixtureId = fixtureOf(ofMarket);
      const terms = { fixtureId, sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich' };
      await handlers.fixture.handle(fixtureId, (at) => ({ type: 'ScheduleFixture', ...terms, startsAt: at, at }), context());
      await handlers.fixture.handle(fixtureId, (at) => ({ type: 'StartFixture', at }), context());
    },
    /** Resolves when the bet is in the log. */
    async place(
      name: string,
      key: string,
      legs: readonly Leg[],
      unitStakeMinor = 1000,
      shape: BetShape = { type: 'folds', folds: [legs.length] },
      ruleSet = 'standard@1',
    ) {
      const limits = { openBetsMax: 500, stakeMinorMax: 1_000_000, returnMinorMax: 100_000_000, linesMax: 10_000 };
      const terms = { betId: betIdOf(accountIdOf(name), key), currency: 'GBP', unitStakeMinor, ruleSet, oddsChangePolicy: 'any' as const };
      const handled = await account(name, (at) => {
        return { type: 'PlaceBet', ...terms, ...moneyKey(name, key), shape, legs: legs.map(slipLeg), limits, at };
      });
      if (handled.answer?.event.type !== 'BetPlaced') throw new Error(`not placed: ${JSON.stringify(handled)}`);
    },
    voidBet(name: string, key: string) {
      const alone = { isOutcomeKnown: false, voidApprovalMinor: 100_000 };
      const why = { reason: 'test', decidedBy: { role: 'trader', id: 'test' } } as const;
      return account(name, (at) => ({ type: 'VoidBet', betId: betIdOf(accountIdOf(name), key), ...why, ...alone, at }));
    },
    /** Until the worker has settled everything that is in the log now. */
    async settled(worker: Settlement) {
      for (let head = await eventStore.head(); worker.settledThrough() < head; head = await eventStore.head()) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    /** What settlement wrote for a bet, shortly: `settled 1 returned 1950`, `reversed 1 1950`, `confirmed 1`. */
    async story(name: string, key: string): Promise<readonly string[]> {
      const betId = betIdOf(accountIdOf(name), key);
      const recorded = await eventStore.readStream(`account-${accountIdOf(name)}`);
      return recorded.flatMap((item) => {
        const event = decode(item);
        if (!('betId' in event) || event.betId !== betId) return [];
        if (event.type === 'BetSettled') return [`settled ${event.settlement} ${event.state} ${event.returnMinor}`];
        if (event.type === 'BetSettlementReversed') return [`reversed ${event.settlement} ${event.returnMinor}`];
        if (event.type === 'BetResultConfirmed') return [`confirmed ${event.settlement}`];
        if (event.type === 'BetMoved') return [`moved ${event.moves.map(({ leg, to }) => `${leg} to ${to.marketId}`).join(', ')}`];
        if (event.type === 'BetRepriced') return [`repriced ${event.legs.map(({ corrected }) => corrected?.odds ?? '-').join(' ')}`];
        return event.type === 'BetVoided' ? ['voided by hand'] : [];
      });
    },
    async balance(name: string): Promise<number> {
      const recorded = await eventStore.readStream(`account-${accountIdOf(name)}`);
      const amounts = recorded.flatMap((item) => postings(decode(item)).filter((posting) => posting.account.startsWith('bettor:')));
      return amounts.reduce((sum, posting) => sum + posting.amountMinor, 0);
    },
    async end() {
      for (const worker of [...workers]) await worker.stop();
      if (temporary === undefined) await ground.close();
    },
  };
}

function slipLeg({ market, selection = 'home', odds = '39/20', inPlay = false, startsAt = '2019-08-09T19:00:00.000Z', antePost }: Leg): SlipLeg {
  const fixture = { fixtureId: fixtureOf(market), sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich' };
  return {
    marketId: market,
    selectionId: selection,
    requestedOdds: odds,
    offer: {
      marketId: market,
      marketVersion: 0,
      status: 'open',
      kind: 'asian-handicap',
      line: '-0.75',
      inPlay,
      stakeMaxPerBetMinor: null,
      stakeMaxPerAccountMinor: null,
      selection: { name: selection, odds },
      ...(antePost !== undefined && { antePost }),
      fixture: { ...fixture, startsAt, started: false },
    },
  };
}
