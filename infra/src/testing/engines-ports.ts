// Ports for engines: free ones on request, and whether a fixed one is taken. Called by scripts/src/engines/fleet.ts and for containers.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const host = '127.0.0.1';

/** All are held until the last is found, so they differ. Between this and their use another process could take one: then the start fails. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    for (let index = 0; index < count; index += 1) servers.push(await listening(0));
    return servers.map(portOf);
  } finally {
    await Promise.all(servers.map(closed));
  }
}

export async function isTaken(port: number): Promise<boolean> {
  try {
    await closed(await listening(port));
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) return true;
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
