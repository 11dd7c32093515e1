// The audits of a crash test that every run has in common: one after another, and the whole log. Called by crash-run.ts and engines-run.ts.

import { decode } from '@wagerline/shared-kernel/events/codec';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import type { Bettors } from './bettors.ts';
import type { Findings } from './facts.ts';
import type { LogAudit } from './log-audit.ts';
import type { Trader } from './trader.ts';

export type Auditing = { readonly findings: Findings; readonly progress: (text: string) => void };

const readBatchEvents = 2_000;

/** An audit that cannot be done is a finding, and the others are done all the same. */
export async function stage({ findings, progress }: Auditing, name: string, work: () => Promise<void>): Promise<void> {
  progress(`looking at ${name}`);
  try {
    await work();
  } catch (error) {
    findings.add('not-audited', `${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export type Clients = { readonly bettors: Bettors; readonly trader: Trader };

/** Reads the log to its end, and holds it against what its clients were told. */
export async function auditLog(
  eventStore: Pick<EventStore, 'readAll'>,
  audit: LogAudit,
  { bettors, trader }: Clients,
  { findings, progress }: Auditing,
): Promise<void> {
  for (let position = 0, isCaughtUp = false; !isCaughtUp; ) {
    const batch = await eventStore.readAll(position, { prefixes: domainPrefixes }, readBatchEvents);
    for (const recorded of batch.events) audit.apply(decode(recorded), recorded.revision, recorded.position);
    progress(`reading the log: ${audit.events} events`);
    position = batch.position;
    isCaughtUp = batch.caughtUp;
  }
  audit.judge(bettors.facts, bettors.keyHashes, findings);
  audit.judgeMarkets(trader.endings, findings);
}
