// A preloaded log is one that commands could have written: every event meets its schema, money adds up, every bet is settled once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@wagerline/infra/config';
import { openHttpInfra, openInfraRoot } from '@wagerline/infra/open-infra';
import { catalogue } from '@wagerline/shared-kernel/events/catalogue';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { eventMetadata } from '@wagerline/shared-kernel/events/metadata';
import { postings } from '@wagerline/shared-kernel/events/postings';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { expect, test } from 'vitest';
import { plainFixture } from './book.ts';
import { addOpenSingles, addSettledHistory, bettorIds, offer, openAccounts } from './preload.ts';
import { openPreloadLog } from './preload-log.ts';

async function writtenTo(dataDir: string): Promise<readonly RecordedEvent[]> {
  const root = await openInfraRoot(loadConfig({}, { dataDir }));
  const infra = await openHttpInfra(root.connect());
  const { events } = await infra.eventStore.readAll(0, { prefixes: domainPrefixes }, 1_000);
  await infra.close();
  await root.close();
  return events;
}

test('histories and open singles are events that the deciders made', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'preload-'));
  try {
    const log = await openPreloadLog(dataDir);
    const accounts = await openAccounts(log, bettorIds(3));
    await addSettledHistory(log, accounts, { name: 'past', betsPerAccount: 5, betsPerRound: 2, onProgress: () => {} });
    const fixture = plainFixture('open');
    await offer(log, [fixture]);
    await addOpenSingles(log, accounts, fixture, 4);
    await log.written();
    await log.close();

    const events = await writtenTo(dataDir);
    expect(events).toHaveLength(log.eventCount);
    for (const { type, data, metadata } of events) {
      catalogue.get(type)?.payload.parse(data);
      eventMetadata.parse({ ...metadata, traceparent: metadata['traceparent'] ?? '' });
    }
    const sums = new Map<string, number>();
    const settlements: string[] = [];
    for (const event of events.map((recorded) => decode(recorded))) {
      for (const { account, amountMinor } of postings(event)) {
        const name = account.startsWith('bettor:') ? 'bettors' : account;
        sums.set(name, (sums.get(name) ?? 0) + amountMinor);
      }
      if (event.type === 'BetSettled') settlements.push(event.betId);
    }
    expect([...sums.values()].reduce((sum, amount) => sum + amount, 0)).toBe(0);
    expect(sums.get('open-stakes')).toBe(3 * 4 * 100);
    expect(new Set(settlements).size).toBe(3 * 5);
    expect(settlements).toHaveLength(3 * 5);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
