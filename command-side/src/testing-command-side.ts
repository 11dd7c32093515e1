// The command side over HTTP on a real embedded event log, for tests of routes: one fixture, its markets, and as many bettors as asked for.

import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Role } from '@wagerline/infra/auth';
import { systemClock } from '@wagerline/infra/clock';
import { loadConfig, type Config } from '@wagerline/infra/config';
import { openTemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import { silentLogger, startTestServer, type JsonAnswer, type TestServer } from '@wagerline/infra/testing/test-server';
import { StoreUnavailableError, type RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { startCommandSide } from './start.ts';
import type { MarketView } from './market-view.ts';
import { withFaults } from './testing-faults.ts';

export type Sent = { readonly body?: Json; readonly key?: string; readonly token?: string; readonly headers?: Readonly<Record<string, string>> };

export type Bettor = {
  readonly accountId: string;
  readonly token: string;
  /** POST /v1/bets with a new key, unless one is given. */
  bet(slip: Json, key?: string): Promise<JsonAnswer>;
};

export type CommandSideUnderTest = {
  readonly server: TestServer;
  readonly view: MarketView;
  /** Added to the clock's time: wall clock and monotonic. */
  readonly clock: { aheadMs: number };
  /** While true, the store takes no append. */
  readonly store: { isFull: boolean };
  send(method: string, path: string, sent: Sent): Promise<JsonAnswer>;
  as(role: Role, method: string, path: string, body?: Json): Promise<JsonAnswer>;
  newBettor(amountMinor: number): Promise<Bettor>;
  /** The domain events that `action` has written, and its answer. */
  recorded(action: () => Promise<JsonAnswer>): Promise<{ readonly answer: JsonAnswer; readonly events: readonly RecordedEvent[] }>;
  close(): Promise<void>;
};

export const startsAt = '2019-08-09T19:00:00.000Z';
/** No settlement job runs here, which would tell markets what was bet on them: one person decides, unless a test says otherwise. */
const alone = { marketApprovalMinor: Number.MAX_SAFE_INTEGER, decisionWaitMsMax: 0 };
const betting = { stakeMinorMax: 50_000, depositMinorMax: 1_000_000, returnMaxMinor: 1_000_000, openBetsMax: 500, ...alone };

export async function startCommandSideUnderTest(change: Partial<Config['betting']> = {}): Promise<CommandSideUnderTest> {
  const log = await openTemporaryLog();
  const clock = { aheadMs: 0 };
  const store = { isFull: false };
  const eventStore = withFaults(log.store, {
    append: (...args) => (store.isFull ? Promise.reject(new StoreUnavailableError('full')) : log.store.append(...args)),
  });
  const testClock = { nowMs: () => systemClock.nowMs() + clock.aheadMs, monotonicMs: () => systemClock.monotonicMs() + clock.aheadMs };
  const stop = new AbortController();
  const config = loadConfig({}, { dataDir: log.dataDir, betting: { ...betting, ...change } });
  const ids = { random: () => randomUUID() };
  const { routes, view, done } = startCommandSide({ eventStore, config, clock: testClock, ids, logger: silentLogger, signal: stop.signal });
  const server = await startTestServer(routes, { clock: testClock });
  while (!view.isFresh()) await nextTurn();

  const staff = new Map<Role, string>();
  const send: CommandSideUnderTest['send'] = (method, path, { body, key, token, headers }) => {
    const sent = { ...headers, ...(key !== undefined && { 'Idempotency-Key': key }) };
    return server.request(method, path, { headers: sent, ...(body !== undefined && { body }), ...(token !== undefined && { token }) });
  };
  const as: CommandSideUnderTest['as'] = async (role, method, path, body = {}) => {
    const token = staff.get(role) ?? (await server.tokenFor(`${role}-1`, role));
    staff.set(role, token);
    return send(method, path, { token, body, key: randomUUID() });
  };

  return {
    server,
    view,
    clock,
    store,
    send,
    as,
    async newBettor(amountMinor) {
      const accountId = randomUUID();
      const token = await server.tokenFor(accountId, 'bettor');
      await send('PUT', `/v1/accounts/${accountId}`, { token, body: { currency: 'GBP', brand: 'demo', jurisdiction: 'GB' } });
      if (amountMinor > 0) await send('POST', `/v1/accounts/${accountId}/deposits`, { token, key: 'first', body: { amountMinor, currency: 'GBP' } });
      return { accountId, token, bet: (slip, key = randomUUID()) => send('POST', '/v1/bets', { token, key, body: slip }) };
    },
    async recorded(action) {
      const before = await log.store.head();
      const answer = await action();
      const { events } = await log.store.readAll(before, { prefixes: domainPrefixes }, 100);
      return { answer, events };
    },
    async close() {
      await server.close();
      stop.abort();
      await done;
      await log.close();
    },
  };
}

/** Schedules a fixture and opens its match-result market as `{fixtureId}-1x2`; answers the market's id. */
export async function openMarket({ as, view }: CommandSideUnderTest, fixtureId: string, change: JsonObject = {}): Promise<string> {
  await as('trader', 'PUT', `/v1/fixtures/${fixtureId}`, { sport: 'football', competition: 'E0', home: 'Liverpool', away: 'Norwich', startsAt });
  const marketId = `${fixtureId}-1x2`;
  const selections = ['home', 'draw', 'away'].map((selectionId, index) => ({ selectionId, name: selectionId, odds: ['1.95', '3.5', '4'][index] ?? '' }));
  const { json } = await as('trader', 'PUT', `/v1/markets/${marketId}`, { fixtureId, kind: 'match-result', selections, ...change });
  await view.catchUp(marketId, versionIn(json));
  return marketId;
}

export function versionIn(json: Json): number {
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  if (typeof version !== 'number') throw new Error(`no version in ${JSON.stringify(json)}`);
  return version;
}
