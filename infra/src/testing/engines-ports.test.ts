import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { freePorts, isTaken } from './engines-ports.ts';

test('free ports differ, and no client is given one of them to knock from while its engine is away', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(ports.every((port) => port >= 15_000 && port < 32_000)).toBe(true);
});

test('a port is taken as long as somebody listens there', async () => {
  const [port = 0] = await freePorts(1);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await isTaken(port)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await isTaken(port)).toBe(false);
});
