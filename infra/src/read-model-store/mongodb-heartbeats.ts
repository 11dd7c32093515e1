// Tells when a client's look at a server does not end. The driver (7.8) waits for ever for a socket to drain that is closed already but has not said
// so yet, as happens when a server's death closes several at once; its monitor asks nothing else meanwhile, so the client never finds the server again.

import type { MongoClient } from 'mongodb';

/** Servers that take writes. */
const writable: ReadonlySet<string> = new Set(['Standalone', 'Mongos', 'RSPrimary', 'LoadBalancer']);
const looksPerLimit = 5;

/** Calls `onStuck` once, when a look at a server has lasted so long and no server that takes writes was known all the while. */
export function watchHeartbeats(client: MongoClient, endMsMax: number, onStuck: () => void): void {
  const looks = new Map<string, number>();
  const known = new Set<string>();
  let lostMs = performance.now();
  client.on('serverDescriptionChanged', ({ address, newDescription: { type } }) => {
    const wasKnown = known.size > 0;
    if (writable.has(type)) known.add(address);
    else known.delete(address);
    if (wasKnown && known.size === 0) lostMs = performance.now();
  });
  client.on('serverHeartbeatStarted', ({ connectionId }) => looks.set(connectionId, performance.now()));
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => looks.delete(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => looks.delete(connectionId));
  const timer = setInterval(() => {
    const sinceMs = Math.max(lostMs, Math.min(...looks.values()));
    if (known.size > 0 || looks.size === 0 || performance.now() - sinceMs < endMsMax) return;
    clearInterval(timer);
    onStuck();
  }, endMsMax / looksPerLimit);
  timer.unref();
  client.on('topologyClosed', () => clearInterval(timer));
}
