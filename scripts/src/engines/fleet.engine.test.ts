// A fleet on a real engine: idempotent start, death by SIGKILL, the same data on the same port afterwards, and a stop that leaves nothing.
// Redis stands for the five: what is shown here is the fleet's, and Redis starts at once.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeEngine } from '@wagerline/infra/testing/engines';
import { openFleet, type Fleet } from './fleet.ts';

/** One command in Redis's own words; its clients are not for tools. */
async function ask(url: string, command: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().trim();
}

describeEngine('redis', () => {
  let dir: string;
  let fleet: Fleet;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'wagerline-fleet-'));
    fleet = openFleet({ dir, freePorts: true });
  });
  afterAll(async () => {
    await fleet.wipe('redis');
    rmSync(dir, { recursive: true, force: true });
  });
  const recordFile = (): string => join(dir, 'redis', 'engine.json');

  test('start starts once', async () => {
    const { url } = await fleet.start('redis');
    const { pid } = await fleet.status('redis');
    expect((await fleet.start('redis')).url).toBe(url);
    expect(await fleet.status('redis')).toMatchObject({ state: 'running', pid, url });
  });

  test('after SIGKILL it is dead until it is started, then it has its data and its port', async () => {
    const { url } = await fleet.start('redis');
    expect(await ask(url, 'SET odds 2.50')).toBe('+OK');
    await fleet.kill('redis');
    expect(await fleet.status('redis')).toMatchObject({ state: 'died', pid: undefined });
    await expect(fleet.kill('redis')).rejects.toThrow('redis does not run');
    expect((await fleet.start('redis')).url).toBe(url);
    expect(await ask(url, 'GET odds')).toBe('$4\r\n2.50');
  });

  test('another process finds it by the folder alone, and stops it', async () => {
    const { url } = await fleet.start('redis');
    const other = openFleet({ dir, freePorts: true });
    expect(await other.status('redis')).toMatchObject({ state: 'running', url });
    await other.stop('redis');
    expect(await fleet.status('redis')).toMatchObject({ state: 'stopped' });
    expect((await fleet.start('redis')).url).toBe(url);
  });

  test('a record whose pid belongs to another process by now is stale: nobody is signalled', async () => {
    await fleet.start('redis');
    const record = JSON.parse(readFileSync(recordFile(), 'utf8')) as object;
    await fleet.stop('redis');
    writeFileSync(recordFile(), JSON.stringify({ ...record, pid: process.pid }));
    expect(await fleet.status('redis')).toMatchObject({ state: 'died' });
    await fleet.stop('redis');
    expect(await fleet.status('redis')).toMatchObject({ state: 'stopped' });
  });

  test('a port that somebody has is refused before anything starts', async () => {
    const { url } = await fleet.start('redis');
    const taken = Number(new URL(url).port);
    const elsewhere = mkdtempSync(join(dir, 'elsewhere-'));
    const other = openFleet({ dir: elsewhere, freePorts: true });
    await other.start('redis');
    const file = join(elsewhere, 'redis', 'engine.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as object;
    await other.stop('redis');
    writeFileSync(file, JSON.stringify({ ...record, ports: { client: taken } }));
    const third = openFleet({ dir: elsewhere, freePorts: true });
    await expect(third.start('redis')).rejects.toThrow(`port ${taken} is taken by another process`);
  });
});
