// Tells when a client's look at its server does not end. The driver (7.8) waits for ever for a socket to drain that is closed already but has not said
// so yet, as happens when a server's death closes several at once; its monitor asks nothing else meanwhile, so the client never finds the server again.

import type { MongoClient } from 'mongodb';

/** Calls `onStuck` once, when a server has been unknown for a whole `endMsMax` of one look. A look at a server that is known may take its time. */
export function watchHeartbeats(client: MongoClient, endMsMax: number, onStuck: () => void): void {
  const looks = new Map<string, NodeJS.Timeout>();
  const unknown = new Set<string>();
  const ended = ({ connectionId: address }: { readonly connectionId: string }): void => {
    clearInterval(looks.get(address));
    looks.delete(address);
  };
  client.on('serverDescriptionChanged', ({ address, newDescription }) => {
    if (newDescription.type === 'Unknown') unknown.add(address);
    else unknown.delete(address);
  });
  client.on('serverHeartbeatStarted', (started) => {
    ended(started);
    const stuck = (): void => {
      if (!unknown.has(started.connectionId)) return;
      for (const look of looks.values()) clearInterval(look);
      client.removeAllListeners();
      onStuck();
    };
    looks.set(started.connectionId, setInterval(stuck, endMsMax).unref());
  });
  client.on('serverHeartbeatSucceeded', ended);
  client.on('serverHeartbeatFailed', ended);
  client.on('serverClosed', ({ address }) => ended({ connectionId: address }));
}
