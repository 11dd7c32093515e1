// The heartbeat on the real embedded event store, beat by beat.

import { openTemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import { expect, test } from 'vitest';
import { beat } from './heartbeat.ts';
import { withAppends } from './testing-faults.ts';

test('a process keeps one heartbeat in the log, and a failed one does not stop the next', async () => {
  const log = await openTemporaryLog();
  const stop = new AbortController();
  const failures: unknown[] = [];
  const revisions: unknown[] = [];
  let ids = 0;
  await beat({
    eventStore: withAppends(log.store, log.store.append.bind(log.store), () => Promise.reject(new Error('full'))),
    ids: { random: () => `${(ids += 1)}` },
    intervalMs: 500,
    signal: stop.signal,
    onFailure: (error) => failures.push(error),
    async pause(ms, signal) {
      expect([ms, signal]).toEqual([500, stop.signal]);
      revisions.push((await log.store.readStream('heartbeat-1')).map((event) => event.revision));
      if (revisions.length === 4) stop.abort();
    },
  });
  expect(revisions).toEqual([[0], [0], [1], [2]]);
  expect(failures).toHaveLength(1);
  await log.close();
});
