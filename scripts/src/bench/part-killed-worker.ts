// Two settlement workers in processes of their own, and one of them killed in the middle of a large market: how long the rest took, and that every
// account holds what it would hold if nobody had been killed. Linux only: the worker is found in /proc.

import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext, BenchServer } from './bench-context.ts';
import { plainFixture } from './book.ts';
import { deploymentProcesses } from './engine-processes.ts';
import { addOpenSingles, bettorIds, depositMinor, offer, openAccounts, stakeMinor } from './preload.ts';
import { isProjectedThrough, serverStatus, waitForStatus } from './server-status.ts';
import { resultHome } from './settling.ts';

const waitMsMax = 300_000;
/** So many of all are settled when the worker is killed, or a few more. */
const killedAfterShare = 0.1;
const pollMs = 20;
const name = 'killed worker';
const evens = 2;

export type KilledWorkerFigures = {
  readonly killedWorker: {
    readonly bets: number;
    readonly settledBefore: number;
    /** From the kill to the last settlement: the other worker takes over what the killed one had. */
    readonly restMs: number;
    readonly accountsRight: number;
  };
};

export async function measureKilledWorker(context: BenchContext): Promise<KilledWorkerFigures> {
  const { bettorCount, settledBets } = context.sizes;
  const bettors = bettorIds(bettorCount);
  const betsEach = Math.ceil(settledBets / bettorCount);
  const bets = betsEach * bettorCount;
  const fixture = plainFixture('killed');
  const dataDir = await context.store(name, async (log) => {
    await offer(log, [fixture]);
    await addOpenSingles(log, await openAccounts(log, bettors), fixture, betsEach);
  });
  const server = await context.start(dataDir, { WAGERLINE_SETTLEMENT_PROCESSES: '2' });
  await context.atRest(server, name);
  const settled = (await serverStatus(server.admin)).settlement.settlement.settled;
  await resultHome(server.admin, fixture);
  const { settledBefore, killedMs } = await killInTheMiddle(server, settled, bets);
  await nothingOpen(context, server);
  const restMs = Math.round(performance.now() - killedMs);
  await context.expectNothingOpen(server, name);
  const { head } = await serverStatus(server.admin);
  await waitForStatus(server.admin, isProjectedThrough(head), waitMsMax);
  const balanceMinor = depositMinor - betsEach * stakeMinor + betsEach * stakeMinor * evens;
  const accountsRight = await accountsHolding(server, bettors, balanceMinor);
  if (settledBefore >= bets) context.defects.push(`${name}: everything was settled before anybody was killed`);
  if (accountsRight !== bettors.length) context.defects.push(`${name}: ${bettors.length - accountsRight} accounts do not hold ${balanceMinor}`);
  await context.stop(server);
  await context.proveLedger(name, dataDir, bets);
  const settlements = context.ledgers[name]?.settlements;
  if (settlements !== bets) context.defects.push(`${name}: ${bets} bets and ${String(settlements)} settlements`);
  return { killedWorker: { bets, settledBefore, restMs, accountsRight } };
}

async function killInTheMiddle({ admin, pid }: BenchServer, settledAtFirst: number, bets: number) {
  const worker = deploymentProcesses(pid, 0).find((process) => process.name.startsWith('settlement'));
  if (worker === undefined) throw new Error('no settlement worker was found in /proc');
  let settledBefore = 0;
  while (settledBefore < bets * killedAfterShare) {
    settledBefore = (await serverStatus(admin)).settlement.settlement.settled - settledAtFirst;
  }
  process.kill(worker.pid, 'SIGKILL');
  return { settledBefore, killedMs: performance.now() };
}

/** The killed worker's last words are nobody's: how much is done is told by what is open. */
async function nothingOpen(context: BenchContext, { admin }: BenchServer): Promise<void> {
  for (const endMs = performance.now() + waitMsMax; performance.now() < endMs; await delay(pollMs)) {
    const { openBets } = (await admin.call('GET', '/admin/settlement')).body;
    if (openBets === 0) return;
    context.tick(`${name}: ${String(openBets)} bets are open`);
  }
  throw new Error(`bets were open ${waitMsMax} ms after a settlement worker was killed`);
}

async function accountsHolding({ admin }: BenchServer, accountIds: readonly string[], balanceMinor: number): Promise<number> {
  let count = 0;
  for (const accountId of accountIds) if ((await admin.call('GET', `/v1/accounts/${accountId}`)).body['balanceMinor'] === balanceMinor) count += 1;
  return count;
}
