// The part of the server's contract about subscriptions: where they begin, filters, checkpoints, the end of the catch-up. Called by contract.ts.

import { expect, test } from 'vitest';
import { END, excludeSystemEvents, NO_STREAM, START, streamNameFilter, type AllStreamSubscription, type Position } from '@eventstore/db-client';
import { newName, notes, type Connect } from './testing-notes.ts';

/** Revisions of so many events, with `caughtUp` in its place among them; the subscription is left then. */
async function follow(subscription: AllStreamSubscription, count: number, onCaughtUp: () => Promise<unknown> = async () => undefined) {
  const seen: (number | 'caught up')[] = [];
  const reached = Promise.withResolvers<void>();
  // The client tells it when it arrives: the events before it may still be on their way to the loop.
  subscription.on('caughtUp', () => {
    seen.push('caught up');
    onCaughtUp().then(() => reached.resolve(), reached.reject);
  });
  let events = 0;
  for await (const { event } of subscription) {
    seen.push(Number(event?.revision));
    events += 1;
    if (events < count) continue;
    await reached.promise;
    break;
  }
  return seen;
}

export function subscriptionsContract(connect: Connect): void {
  test('a filtered subscription brings what is there, says that it has caught up, then brings what comes', async () => {
    const client = connect();
    const [prefix, other] = [newName('one'), newName('other')];
    const stream = `${prefix}-a`;
    await client.appendToStream(stream, notes(2), { expectedRevision: NO_STREAM });
    await client.appendToStream(other, notes(2), { expectedRevision: NO_STREAM });
    const filter = streamNameFilter({ prefixes: [prefix, 'absent-'] });
    const more = () => client.appendToStream(stream, notes(2), { expectedRevision: 1n });
    const seen = await follow(client.subscribeToAll({ fromPosition: START, filter }), 4, more);
    expect(seen.filter((one) => one !== 'caught up')).toEqual([0, 1, 2, 3]);
    expect(seen.indexOf('caught up')).toBeLessThan(seen.indexOf(2));
  });

  test('from a position means after it, from the end means what comes', async () => {
    const client = connect();
    const stream = newName();
    const { position } = await client.appendToStream(stream, notes(1), { expectedRevision: NO_STREAM });
    await client.appendToStream(stream, notes(1), { expectedRevision: 0n });
    const filter = streamNameFilter({ prefixes: [stream] });
    const after = client.subscribeToAll({ fromPosition: position ?? START, filter });
    expect((await follow(after, 1)).filter((one) => one !== 'caught up')).toEqual([1]);
    const end = client.subscribeToAll({ fromPosition: END, filter });
    expect(await follow(end, 1, () => client.appendToStream(stream, notes(1), { expectedRevision: 1n }))).toEqual(['caught up', 2]);
    const ofStream = client.subscribeToStream(stream, { fromRevision: 0n });
    const revisions: (bigint | undefined)[] = [];
    for await (const { event } of ofStream) {
      revisions.push(event?.revision);
      if (revisions.length === 2) break;
    }
    expect(revisions).toEqual([1n, 2n]);
  });

  test('checkpoints tell how far a filter has looked; each is a good place to go on from', async () => {
    const client = connect();
    const [wanted, other] = [newName('wanted'), newName('unwanted')];
    const { position: start } = await client.appendToStream(other, notes(1), { expectedRevision: NO_STREAM });
    const { position: through } = await client.appendToStream(other, notes(200), { expectedRevision: 0n });
    const checkpoints: Position[] = [];
    const passed = Promise.withResolvers<void>();
    const checkpointReached = async (_subscription: unknown, position: Position): Promise<void> => {
      checkpoints.push(position);
      if (position.commit >= (through?.commit ?? 0n)) passed.resolve();
    };
    const filter = streamNameFilter({ prefixes: [wanted], maxSearchWindow: 20, checkpointInterval: 2, checkpointReached });
    const subscription = client.subscribeToAll({ fromPosition: start ?? START, filter });
    subscription.on('data', () => undefined);
    await passed.promise;
    await subscription.unsubscribe();
    const commits = checkpoints.map((position) => position.commit);
    expect(commits.length).toBeGreaterThan(2);
    expect(commits).toEqual([...new Set(commits)].sort((a, b) => (a < b ? -1 : 1)));
    await client.appendToStream(wanted, notes(1), { expectedRevision: NO_STREAM });
    for (const position of checkpoints.slice(-2)) {
      const again = client.subscribeToAll({ fromPosition: position, filter: streamNameFilter({ prefixes: [wanted] }) });
      expect((await follow(again, 1)).filter((one) => one !== 'caught up')).toEqual([0]);
    }
  });

  test('system events can be left out', async () => {
    const client = connect();
    const stream = newName();
    const { position } = await client.appendToStream(newName(), notes(1));
    await client.setStreamMetadata(stream, { maxCount: 5 });
    await client.appendToStream(stream, notes(1));
    const subscription = client.subscribeToAll({ fromPosition: position ?? START, filter: excludeSystemEvents() });
    for await (const { event } of subscription) {
      expect(event?.type.startsWith('$')).toBe(false);
      if (event?.streamId === stream) break;
    }
  });
}
