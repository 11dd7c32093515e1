// The ledger behind a part of the bench, proved as `npm run ledger -- verify` proves it. Called on a running server when its load is over.

import type { VerifiedLedger } from '../ledger/verify-ledger.ts';
import type { ApiClient } from '../server/api-client.ts';
import { runJob } from '../server/with-server.ts';

/** What was read to prove it. */
export type ProvedLedger = Pick<VerifiedLedger, 'events' | 'bets' | 'openBets' | 'settlements' | 'reversals'>;

/** `acknowledged`: as many bets as the log must hold; left out where nobody counted them. */
export async function proveLedger(admin: ApiClient, acknowledged?: number): Promise<ProvedLedger & { readonly defects: readonly string[] }> {
  const ledger = (await runJob(admin, { kind: 'ledger-verify' })) as VerifiedLedger;
  const { events, bets, openBets, settlements, reversals } = ledger;
  const defects = ledger.findings.map(({ rule, subject, detail }) => `${rule}: ${subject}: ${detail}`);
  if (acknowledged !== undefined && bets !== acknowledged) defects.push(`${acknowledged} bets were acknowledged and ${bets} are in the log`);
  return { events, bets, openBets, settlements, reversals, defects };
}

export function provedLine(name: string, { events, bets, openBets, settlements }: ProvedLedger): string {
  return `ledger of ${name}: ${events} events, ${bets} bets, ${openBets} open, ${settlements} settlements`;
}
