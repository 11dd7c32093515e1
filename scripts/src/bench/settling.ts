// Results sent to a server, and waiting until every command that follows from them is answered. Called by the settlement parts of the bench.

import type { ApiClient } from '../server/api-client.ts';
import type { BookFixture } from './book.ts';
import { serverStatus, waitForStatus } from './server-status.ts';

/** Closes the fixture's market and results it as a home win; resolves when the result is acknowledged. */
export async function resultHome(admin: ApiClient, { markets }: BookFixture): Promise<void> {
  for (const { marketId, selections } of markets) {
    await admin.call('POST', `/v1/markets/${marketId}/close`, { body: { reason: 'started' } });
    const results = selections.map(({ selectionId }) => ({ selectionId, result: selectionId === 'home' ? 'won' : 'lost' }));
    await admin.call('POST', `/v1/markets/${marketId}/result`, { body: { results } });
  }
}

/** Everything that is in the log now is settled. Answers how long that took. */
export async function settledAll(admin: ApiClient, waitMsMax: number, onWait: (text: string) => void): Promise<number> {
  const { head } = await serverStatus(admin);
  const { waitedMs } = await waitForStatus(
    admin,
    ({ settlement: { settlement } }) => settlement.settledThrough >= head,
    waitMsMax,
    ({ settlement: { settlement } }) => onWait(`settled through ${settlement.settledThrough} of ${head}, ${settlement.settled} settlements`),
  );
  return waitedMs;
}
