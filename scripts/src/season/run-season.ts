// A season from its matches to its report: plays them, reads every account back, proves the ledger. Called by season.ts and tests.

import { open } from 'node:fs/promises';
import type { VerifiedLedger } from '../ledger/verify-ledger.ts';
import { apiClient } from '../server/api-client.ts';
import { runJob } from '../server/with-server.ts';
import type { Caller } from './api.ts';
import { betLine } from './bets-file.ts';
import { playIncidents } from './incidents.ts';
import type { Incident } from './incident.ts';
import { planSeason } from './plan.ts';
import { playSeason } from './play.ts';
import { readAccount, readBets, readStatement } from './read-back.ts';
import { seasonReport, type SeasonReport, type Verified } from './report.ts';
import type { Samples } from './samples.ts';
import type { SeasonServer } from './season-server.ts';
import { Tally } from './tally.ts';

export type RunOptions = {
  readonly samples: Samples;
  readonly seed: number;
  readonly bets: number;
  readonly bettors: number;
  readonly incidents: boolean;
  /** Undefined: no bets file. */
  readonly betsOut: string | undefined;
  readonly onProgress: (text: string) => void;
};

/** Accounts that are read at the same time; their bets are in memory together. */
const accountsAtOnce = 16;

export async function runSeason(server: SeasonServer, options: RunOptions): Promise<SeasonReport> {
  const { onProgress } = options;
  const { matches, badRows } = options.samples;
  for (const { line, problem } of badRows) onProgress(`line ${line} is left out: ${problem}`);
  const plan = planSeason(matches);
  const played = await playSeason({ ...options, plan, server });
  const incidents: readonly Incident[] = options.incidents ? await playIncidents(server, options) : [];
  const startedMs = performance.now();
  const tally = new Tally(played.placed);
  await readBack(await server.as('season-reader', 'regulator'), played.accountIds, tally, options);
  tally.close();
  const verified = await verify(server, onProgress);
  const readBackSeconds = Math.round((performance.now() - startedMs) / 10) / 100;
  return seasonReport({ plan, badRows, options, played, tally, verified, incidents, readBackSeconds });
}

/** Accounts are added in their order, so that the report and the bets file are the same in every run. */
async function readBack(staff: Caller, accountIds: readonly string[], tally: Tally, { betsOut, onProgress }: RunOptions): Promise<void> {
  const file = betsOut === undefined ? undefined : await open(betsOut, 'w');
  try {
    for (let from = 0; from < accountIds.length; from += accountsAtOnce) {
      const batch = accountIds.slice(from, from + accountsAtOnce);
      const accounts = await Promise.all(batch.map((accountId) => readWhole(staff, accountId)));
      for (const { accountId, bets, lines, balanceMinor } of accounts) {
        for (const bet of bets) tally.addBet(bet);
        tally.addStatement(accountId, lines, balanceMinor);
        await file?.write(bets.map((bet) => `${betLine(bet)}\n`).join(''));
      }
      onProgress(`${Math.min(from + accountsAtOnce, accountIds.length)} of ${accountIds.length} accounts read back`);
    }
  } finally {
    await file?.close();
  }
}

async function readWhole(staff: Caller, accountId: string) {
  const [bets, lines, account] = await Promise.all([readBets(staff, accountId), readStatement(staff, accountId), readAccount(staff, accountId)]);
  return { accountId, bets, lines, balanceMinor: account.balanceMinor };
}

async function verify(server: SeasonServer, onProgress: (text: string) => void): Promise<Verified> {
  const admin = apiClient(server.url, await server.token('season', 'admin'));
  const output = { line: onProgress, progress: onProgress, json: () => undefined };
  const result = (await runJob(admin, { kind: 'ledger-verify' }, output, () => 'proving the ledger')) as VerifiedLedger;
  const findings = result.findings.map(({ rule, subject, detail }) => `${rule}: ${subject}: ${detail}`);
  return { ok: result.ok, sums: result.sums, findings };
}
