// Passes on what clients of one engine send and are sent, counts their requests, and can be told to cut a connection at one of them.
// Opened by faults.ts in front of toxiproxy, which does the rest. A connection that brings no request counts as one.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { EngineName } from '@wagerline/infra/testing/engines-names';
import { requestCounter } from './request-counters.ts';

export type CountingRelay = {
  /** Since it was opened. */
  requests(): number;
  /** Resolves when a request that has these bytes was about to be passed on: it is not, and `act` is called in that moment. */
  cutAt(text: Buffer, act: () => void): Promise<void>;
  close(): Promise<void>;
};

type Address = { readonly host: string; readonly port: number };
type Trap = { readonly text: Buffer; readonly spring: () => void };

export async function openRelay(engine: EngineName, listen: Address, upstream: Address): Promise<CountingRelay> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let trap: Trap | undefined;

  function relay(client: Socket): void {
    const count = requestCounter(engine);
    let hasRequests = false;
    const server = connect({ ...upstream, noDelay: true, allowHalfOpen: true });
    client.setNoDelay(true);
    const cut = (): void => {
      for (const socket of [client, server]) socket.resetAndDestroy();
    };
    const watched = new Transform({
      transform(chunk: Buffer, _encoding, passOn) {
        const begun = count(chunk);
        requests += begun;
        hasRequests ||= begun > 0;
        if (trap === undefined || !chunk.includes(trap.text)) return passOn(null, chunk);
        const { spring } = trap;
        trap = undefined;
        spring();
        cut();
      },
    });
    client.pipe(watched).pipe(server);
    server.pipe(client);
    // An engine that is gone has closed both directions, whatever its client does: clients that are told of one only may wait for ever.
    server.once('end', () => client.destroySoon());
    client.once('close', () => {
      if (!hasRequests) requests += 1;
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.once('error', cut);
      socket.once('close', () => {
        sockets.delete(socket);
        // What is on its way to the other side still goes there.
        for (const other of [client, server]) if (!other.destroyed) other.destroySoon();
      });
    }
  }

  const server = createServer({ allowHalfOpen: true }, relay).listen(listen);
  await once(server, 'listening');
  return {
    requests: () => requests,
    cutAt(text, act) {
      const sprung = Promise.withResolvers<void>();
      trap = {
        text,
        spring() {
          act();
          sprung.resolve();
        },
      };
      return sprung.promise;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
