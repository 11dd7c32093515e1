import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { issueToken, makeDemoKeys } from '@wagerline/infra/auth';
import { loadConfig } from '@wagerline/infra/config';
import { openInfraRoot, openSettlementInfra } from '@wagerline/infra/open-infra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inheritedEnvironment } from './config.ts';
import { apiClient } from './server/api-client.ts';
import { openBettor, openMarket, openWorld, testEnvironment, until, type Answer, type World } from './server/testing-world.ts';

type Started = { readonly child: ChildProcess; readonly exited: Promise<number | null>; out(): string; error(): string };

const running = new Set<ChildProcess>();
afterAll(() => running.forEach((child) => child.kill('SIGKILL')));

function start(dataDir: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const environment = { ...inheritedEnvironment(), ...testEnvironment, WAGERLINE_PORT: '0', WAGERLINE_LOG_LEVEL: 'error', ...env, WAGERLINE_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [fileURLToPath(new URL('./start.ts', import.meta.url)), ...args], { env: environment });
  running.add(child);
  const written = { out: '', error: '' };
  child.stdout.on('data', (text: Buffer) => (written.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (written.error += text.toString()));
  const exited = once(child, 'close').then(() => child.exitCode);
  void exited.then(() => running.delete(child));
  return { child, exited, out: () => written.out, error: () => written.error };
}

describe('what npm start prints', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'wagerline-start-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  const hasCurl = spawnSync('curl', ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0;

  /** What was printed, once the server is ready. It is a script as it stands: `run` pastes it as a whole, and answers what each line said. */
  async function printed(server: Started): Promise<{ readonly url: string; readonly text: string; run(): Promise<readonly unknown[]> }> {
    const [all, url = ''] = await until('the server is ready', () => /^ready in .* (http\S+)\n/m.exec(server.out()) ?? undefined);
    const text = server.out().replace(all, '');
    // For answers on lines of their own.
    await writeFile(join(dataDir, '.curlrc'), 'write-out = "\\n"\n');
    const env = { ...inheritedEnvironment(), CURL_HOME: dataDir };
    return {
      url,
      text,
      async run() {
        const { stdout } = await promisify(execFile)('bash', ['-euc', text.slice(text.indexOf('  export '))], { env });
        return stdout.trim().split('\n').map((line): unknown => JSON.parse(line));
      },
    };
  }

  test.skipIf(!hasCurl)('every printed command works, pasted at once, and again after a stop (curl and bash are here)', async () => {
    const first = start(dataDir, []);
    const { url, text, run } = await printed(first);
    expect(text).toContain('10 fixtures open for betting and a bettor who has 1000.00 GBP');
    await until('the search knows the fixture', async () => (await (await fetch(`${url}/v1/fixtures?q=liverp`)).text()).includes('Norwich') || undefined);
    const market = { marketId: '2019-08-09.liverpool.norwich.1x2' };
    const answers = await run();
    expect(answers).toMatchObject([
      { fixtures: [{ home: 'Liverpool', away: 'Norwich' }] },
      { ...market, status: 'open' },
      { stakeMinor: 500, revision: 2 },
      { bets: [{ status: 'open', legs: [{ home: 'Liverpool', odds: '1.14' }] }] },
      { lines: [{ type: 'BetPlaced', balanceAfterMinor: 99_500 }, { type: 'FundsDeposited' }] },
      market,
      { fixtureId: '2019-08-09.liverpool.norwich' },
      { ...market, status: 'closed' },
      market,
      { balanceMinor: 100_070, openStakesMinor: 0 },
    ]);

    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^process_cpu_seconds_total|^# HELP/m);
    first.child.kill('SIGINT');
    expect(await first.exited).toBe(0);

    const second = start(dataDir, []);
    const again = await printed(second);
    expect(again.text).toContain('9 fixtures open for betting');
    const [, , placed, shown] = await again.run();
    expect(placed).toMatchObject({ stakeMinor: 500, revision: 4 });
    expect(shown).toMatchObject({ bets: [{ status: 'open' }, { status: 'settled' }] });
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    expect(first.error() + second.error()).toBe('');
  });
});

describe('a running server', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await world.start();
  });
  afterAll(() => world.close());

  test('a second one on the same folder says who has it, and ends with 1', async () => {
    const second = start(world.dataDir, ['--bare']);
    expect(await second.exited).toBe(1);
    const { pid, url } = world.server;
    expect(second.error()).toBe(`the data folder ${world.dataDir} is in use by process ${pid}; its admin endpoint is ${url}\n`);
  });

  test('a port that is taken is said in one line, and ends with 1', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-start-'));
    const second = start(dataDir, ['--bare'], { WAGERLINE_PORT: new URL(world.server.url).port });
    expect(await second.exited).toBe(1);
    expect(second.error()).toMatch(/^listen EADDRINUSE.*\n$/);
    await rm(dataDir, { recursive: true });
  });

  test('stopped under load it ends with 0 in time, and what it acknowledged it says again after the next start', async () => {
    const market = await openMarket(await world.as('trader-1', 'trader'), 'load');
    const bettors = await Promise.all(Array.from({ length: 8 }, () => openBettor(world, 1_000_000)));
    const acknowledged = new Map<string, Answer>();
    const unanswered = new Set<string>();
    const load = bettors.map(async (bettor, index) => {
      for (let bet = 0; ; bet += 1) {
        const key = `${index}-${bet}`;
        try {
          const answer = await bettor.place(key, 100, market.leg('home'));
          // A stop in the middle may refuse for the moment, never decide otherwise.
          if (answer.status === 503) unanswered.add(key);
          else acknowledged.set(key, answer);
        } catch {
          unanswered.add(key);
          return;
        }
      }
    });
    await until('the load is on', () => (acknowledged.size >= 200 ? true : undefined));
    // Out of time it would end with 2.
    expect(await world.stop()).toBe(0);
    await Promise.all(load);

    await world.start();
    const again = async (key: string) => bettors[Number(key.split('-')[0])]?.place(key, 100, market.leg('home'));
    for (const [key, { status, body }] of acknowledged) {
      expect(status).toBe(201);
      expect(await again(key)).toMatchObject({ status, body });
    }
    for (const key of unanswered) expect(await again(key)).toMatchObject({ status: 201 });
    for (const [index, { accountId, stream, send }] of bettors.entries()) {
      const count = [...acknowledged.keys(), ...unanswered].filter((key) => key.startsWith(`${index}-`)).length;
      const minRevision = `${stream}@${count + 1}`;
      const { body } = await send('GET', `/v1/accounts/${accountId}`, { minRevision });
      expect(body).toMatchObject({ balanceMinor: 1_000_000 - 100 * count, openStakesMinor: 100 * count, revision: count + 1 });
    }
  });
});

test('a part that fails takes the whole tree with it: exit code 1, and the reason', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-start-'));
  const root = await openInfraRoot(loadConfig({}, { dataDir }));
  const settlement = await openSettlementInfra(root.connect());
  // The settlement part finds its index in other hands; the data folder itself is free again.
  await root.close();
  const server = start(dataDir, ['--bare']);
  expect(await server.exited).toBe(1);
  expect(server.error()).toMatch(/database is locked/);
  await settlement.index.close();
  await rm(dataDir, { recursive: true });
});

test('a stop while it is starting ends it with 0', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-start-'));
  const server = start(dataDir, ['--bare']);
  await until('it has begun', () => existsSync(join(dataDir, 'server.json')) || undefined);
  server.child.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  await rm(dataDir, { recursive: true });
});

test('in production there is no demo, time is nobody\'s to move and prices are nobody\'s to hold back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'wagerline-start-'));
  const keys = await makeDemoKeys(dataDir);
  const publicKeysFile = join(dataDir, 'public-keys.json');
  await writeFile(publicKeysFile, JSON.stringify(keys.publicKeys));
  const env = { WAGERLINE_MODE: 'production', WAGERLINE_JWT_PUBLIC_KEYS_FILE: publicKeysFile };

  const driven = start(dataDir, [], { ...env, WAGERLINE_CLOCK: 'driven' });
  expect(await driven.exited).toBe(78);
  expect(driven.error()).toContain('WAGERLINE_CLOCK: a driven clock is refused in production mode');

  const server = start(dataDir, [], env);
  const [, url = ''] = await until('the server is ready', () => /^ready in .* (http\S+)\n/.exec(server.out()) ?? undefined);
  const { issuer, audience } = loadConfig({}).jwt;
  const token = await issueToken(keys, { sub: 'admin-1', roles: ['admin'], ttlSeconds: 60, issuer, audience });
  const admin = apiClient(url, token);
  expect((await admin.call('GET', '/admin/status')).status).toBe(200);
  const refused = { status: 404, problem: { code: 'ROUTE_UNKNOWN' } };
  await expect(admin.call('POST', '/admin/market-view/hold', { body: { forMs: 100 } })).rejects.toMatchObject(refused);
  await expect(admin.call('POST', '/admin/market-view/release', { body: {} })).rejects.toMatchObject(refused);
  await expect(admin.call('POST', '/admin/clock', { body: { at: '2030-01-01T00:00:00.000Z' } })).rejects.toMatchObject(refused);
  server.child.kill('SIGTERM');
  expect(await server.exited).toBe(0);
  await rm(dataDir, { recursive: true });
});
