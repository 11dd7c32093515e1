import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeAndResult, job, openBettor, openMarket, openWorld, until } from './testing-world.ts';
import type { Answer, Bettor, Market, Send, World } from './testing-world.ts';

const diskBytes = 48 * 1024 * 1024;
/** What is left when the ballast is in. */
const roomBytes = 512 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'wagerline-disk-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', folder]).status === 0;

afterAll(() => {
  if (isMounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

// A data folder on a small disk of its own: only who may mount one (root on Linux) can run this. The event log's own behaviour on
// a full disk is tested without one in infra/src/event-store.
describe.skipIf(!isMounted)('a disk that really is full (needs the right to mount one)', () => {
  let world: World;
  let trader: Send;
  let bettors: readonly Bettor[];
  let market: Market;
  const acknowledged = new Map<string, Answer>();

  beforeAll(async () => {
    world = await openWorld(folder);
    await world.start({ env: { WAGERLINE_MARKET_VIEW_STALE_MS_MAX: '2000' } });
    trader = await world.as('trader-1', 'trader');
    market = await openMarket(trader, 'full');
    bettors = await Promise.all(Array.from({ length: 4 }, () => openBettor(world, 1_000_000)));
  });
  // The folder itself is a mount, which is taken away further up.
  afterAll(() => world.kill().catch(() => undefined));

  const ballast = join(folder, 'ballast');
  const fill = (leaveBytes: number): void => {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
  };
  const place = async (key: string): Promise<Answer> => {
    const answer = await (bettors[Number(key.split('-')[0])] ?? bettors[0])?.place(key, 100, market.leg('home'));
    if (answer === undefined) throw new Error('there are bettors');
    if (answer.status === 201) acknowledged.set(key, answer);
    return answer;
  };

  test('placing answers 503 and when to try again, reads go on, and with room it is healthy again; nothing acknowledged is lost', async () => {
    const before = await place('0-before');
    fill(roomBytes);
    let round = 0;
    const refused = new Map<string, Answer>();
    await until('the store takes nothing any more, for so long that prices are not up to date either', async () => {
      round += 1;
      const keys = bettors.map((_, index) => `${index}-${round}`);
      for (const [index, answer] of (await Promise.all(keys.map(place))).entries()) if (answer.status !== 201) refused.set(keys[index] ?? '', answer);
      return [...refused.values()].some(({ body }) => body['code'] === 'MARKET_VIEW_STALE') || undefined;
    });
    for (const { status, body, headers } of refused.values()) {
      expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '1' });
      expect(['STORE_UNAVAILABLE', 'MARKET_VIEW_STALE']).toContain(body['code']);
    }
    expect([...refused.values()].map(({ body }) => body['code'])).toContain('STORE_UNAVAILABLE');
    expect((await fetch(`${world.server.url}/livez`)).status).toBe(200);
    expect((await fetch(`${world.server.url}/readyz`)).status).toBe(503);
    expect(await bettors[0]?.send('GET', `/v1/bets/${String(before.body['betId'])}`)).toMatchObject({ status: 200, body: { status: 'open' } });

    rmSync(ballast);
    await until('it is healthy again', async () => ((await fetch(`${world.server.url}/readyz`)).ok ? true : undefined));
    // What was refused for want of room was not decided: the same key is accepted now.
    const [[key = ''] = []] = refused;
    expect(await place(key)).toMatchObject({ status: 201 });
    await closeAndResult(trader, market, 'home');
    for (const [index, { balance }] of bettors.entries()) {
      const count = [...acknowledged.keys()].filter((placed) => placed.startsWith(`${index}-`)).length;
      expect(await balance(1 + 2 * count)).toBe(1_000_000 + 100 * count);
    }
    expect(await job(await world.as('admin-1', 'admin'), { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [], openBets: 0 });
  });

  test('killed on a full disk it starts again when there is room, with everything that it acknowledged', async () => {
    market = await openMarket(trader, 'full-again');
    fill(roomBytes);
    let round = 0;
    await until('the store takes nothing any more', async () => {
      round += 1;
      return (await place(`1-again-${round}`)).status === 503 || undefined;
    });
    await world.kill();
    rmSync(ballast);
    await world.start();
    const last = [...acknowledged].filter(([key]) => key.startsWith('1-again-'));
    for (const [key, { body }] of last) expect((await place(key)).body).toEqual(body);
    expect(await job(await world.as('admin-1', 'admin'), { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [] });
  });
});
