// Accounts with a hundred thousand settled bets against new ones: bets on both in turns, one at a time, so that noise meets both alike;
// then the first bet of each after a restart.

import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { apiClient, type ApiClient } from '../server/api-client.ts';
import type { BenchContext, BenchServer } from './bench-context.ts';
import { slipsOf } from './bet-requests.ts';
import { seasonBook } from './book.ts';
import { LatencyRecorder } from './load-latency.ts';
import { addSettledHistory, bettorIds, offer, openAccounts } from './preload.ts';

const accountCount = 5;
const betsPerRound = 100;
/** The measured bets stay open; more than this the configuration does not allow. */
const openBetsMax = 1_000;
const slipCount = 101;

export type OldAccountFigures = {
  readonly oldAccount: {
    readonly settledBets: number;
    readonly warmP95Old: number;
    readonly warmP95New: number;
    readonly warmP95Ratio: number;
    readonly firstBetAfterRestartMs: readonly number[];
    readonly firstBetAfterRestartNewMs: readonly number[];
  };
};

type Bettor = { readonly accountId: string; readonly client: ApiClient };
type Group = { readonly bettors: readonly Bettor[]; readonly latencies: LatencyRecorder };

export async function measureOldAccounts(context: BenchContext): Promise<OldAccountFigures> {
  const { oldAccountBets: settledBets, oldAccountMeasuredBets: measuredBets } = context.sizes;
  const ids = { old: bettorIds(accountCount, 'old'), new: bettorIds(accountCount, 'new') };
  const book = await seasonBook();
  const slips = slipsOf(book, slipCount);
  const dataDir = await context.store('old accounts', async (log) => {
    await offer(log, book);
    const old = await openAccounts(log, ids.old);
    await openAccounts(log, ids.new);
    const onProgress = (count: number): void => context.tick(`old accounts: ${count} events written`);
    await addSettledHistory(log, old, { name: 'years', betsPerAccount: settledBets, betsPerRound, onProgress });
  });
  const env = { WAGERLINE_OPEN_BETS_MAX: String(openBetsMax) };
  const server = await context.start(dataDir, env);
  await context.atRest(server, 'old accounts');
  const groups = await groupsOf(server, ids);
  // The first bet folds an old account from zero, which writes the snapshots that years of bets would have left; it is taken back.
  for (const { accountId, client } of [...groups.old.bettors, ...groups.new.bettors]) {
    context.progress(`old accounts: first bet of ${accountId}`);
    await bet(client, slips, 0, 'first');
    await voidBet(server, accountId, 'first');
  }
  for (let index = 0; index < measuredBets; index += 1) {
    context.tick(`old accounts: ${index} of ${measuredBets} bets each`);
    for (const one of Array.from({ length: accountCount }, (_, account) => account)) {
      for (const group of [groups.old, groups.new]) {
        const bettor = group.bettors[one];
        if (bettor !== undefined) group.latencies.record(await bet(bettor.client, slips, index, `bench-${index}`));
      }
    }
  }
  for (const { accountId } of [...groups.old.bettors, ...groups.new.bettors]) await voidBet(server, accountId, 'bench-0');
  await context.stop(server);
  const restarted = await context.start(dataDir, env);
  await context.atRest(restarted, 'old accounts after the restart');
  const again = await groupsOf(restarted, ids);
  const firstBetAfterRestartMs = await firstBets(again.old.bettors, slips);
  const firstBetAfterRestartNewMs = await firstBets(again.new.bettors, slips);
  await context.stop(restarted);
  // Before the first measured bet and after the restart everybody placed one more.
  const placed = accountCount * (settledBets + 2 * (measuredBets + 2));
  await context.proveLedger('old accounts', dataDir, placed);
  const warmP95Old = groups.old.latencies.percentiles().p95Ms;
  const warmP95New = groups.new.latencies.percentiles().p95Ms;
  const warmP95Ratio = Number((warmP95Old / warmP95New).toFixed(2));
  return { oldAccount: { settledBets, warmP95Old, warmP95New, warmP95Ratio, firstBetAfterRestartMs, firstBetAfterRestartNewMs } };
}

async function groupsOf(server: BenchServer, ids: { readonly old: readonly string[]; readonly new: readonly string[] }) {
  const groupOf = async (accountIds: readonly string[]): Promise<Group> => {
    const bettors: Bettor[] = [];
    for (const accountId of accountIds) {
      bettors.push({ accountId, client: apiClient(server.url, await server.token(accountId, ['bettor'])) });
    }
    return { bettors, latencies: new LatencyRecorder() };
  };
  return { old: await groupOf(ids.old), new: await groupOf(ids.new) };
}

/** Answers the milliseconds. */
async function bet(client: ApiClient, slips: readonly string[], index: number, idempotencyKey: string): Promise<number> {
  const startMs = performance.now();
  await client.call('POST', '/v1/bets', { body: JSON.parse(slips[index % slips.length] ?? ''), idempotencyKey });
  return performance.now() - startMs;
}

async function firstBets(bettors: readonly Bettor[], slips: readonly string[]): Promise<readonly number[]> {
  const ms: number[] = [];
  for (const { client } of bettors) ms.push(Math.round(10 * (await bet(client, slips, 0, 'after-restart'))) / 10);
  return ms;
}

async function voidBet({ admin }: BenchServer, accountId: string, idempotencyKey: string): Promise<void> {
  await admin.call('POST', `/v1/accounts/${accountId}/bets/${betIdOf(accountId, idempotencyKey)}/void`, { body: { reason: 'bench' } });
}
