// Ports for engines: free ones on request, and whether a fixed one is taken. Called by scripts/src/engines/fleet.ts and for containers.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const host = '127.0.0.1';

/**
 * Below what systems give to outgoing connections (Linux from 32,768 on, others from 49,152). While an engine is away, a client that knocks
 * at a port up there may be given that very port to knock from, and is then connected to itself: the engine finds its port taken.
 */
const portMin = 15_000;
const portMax = 32_000;
const triesMax = 1_000;

/** All are held until the last is found, so they differ. Between this and their use another process could take one: then the start fails. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    for (let tries = 0; servers.length < count && tries < triesMax; tries += 1) {
      const server = await bound(randomInt(portMin, portMax));
      if (server !== undefined) servers.push(server);
    }
    if (servers.length < count) throw new Error(`no ${count} free ports in ${triesMax} tries`);
    return servers.map(portOf);
  } finally {
    await Promise.all(servers.map(closed));
  }
}

export async function isTaken(port: number): Promise<boolean> {
  const server = await bound(port);
  if (server === undefined) return true;
  await closed(server);
  return false;
}

/** Undefined when somebody else has the port. */
async function bound(port: number): Promise<Server | undefined> {
  try {
    return await listening(port);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) return undefined;
    throw error;
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
