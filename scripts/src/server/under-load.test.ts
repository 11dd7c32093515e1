import { setImmediate as turn } from 'node:timers/promises';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { accountStatement } from '@wagerline/shared-kernel/read-models/account-statement';
import { betHistory } from '@wagerline/shared-kernel/read-models/bet-history';
import { accountStream } from '@wagerline/shared-kernel/values/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi } from '../season/api.ts';
import { settled } from '../season/barrier.ts';
import {
  closeAndResult, job, offline, openBettor, openMarket, openWorld, runTool, succeeded, until, type Bettor, type Market, type Send, type World,
} from './testing-world.ts';

// Operators' work while bets are placed and settled, and what is left when the load has ended. One story, in order.

let world: World;
let trader: Send;
let admin: Send;
let bettors: readonly Bettor[];
let load: Load;

const openBetsAtOnceMax = 40;

type Load = { readonly placed: number; end(): Promise<void> };

/** Every bettor bets as fast as answers come; a market is decided now and then, so that bets are settled as well. */
function startLoad(name: string): Load {
  let isOver = false;
  let placed = 0;
  const markets: Market[] = [];
  const decide = async (): Promise<void> => {
    for (let round = 0; !isOver; round += 1) {
      const market = await openMarket(trader, `${name}-${round}`);
      const before = placed;
      markets.push(market);
      await until('some bets are on it', () => (isOver || placed >= before + openBetsAtOnceMax ? true : undefined));
      markets.shift();
      await closeAndResult(trader, market, round % 2 === 0 ? 'home' : 'draw');
    }
  };
  const bet = async (bettor: Bettor, index: number): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const market = markets.at(-1);
      if (market === undefined) await turn();
      else if ((await bettor.place(`${name}-${index}-${count}`, 10, market.leg('home'))).status === 201) placed += 1;
    }
  };
  const work = Promise.all([decide(), ...bettors.map(bet)]);
  return {
    get placed() {
      return placed;
    },
    async end() {
      isOver = true;
      await work;
    },
  };
}

beforeAll(async () => {
  world = await openWorld();
  await world.start();
  trader = await world.as('trader-1', 'trader');
  admin = await world.as('admin-1', 'admin');
  bettors = await Promise.all(Array.from({ length: 6 }, () => openBettor(world, 10_000_000)));
  load = startLoad('first');
  await until('the load is on', () => (load.placed >= 300 ? true : undefined));
});
afterAll(() => world.close());

const headNow = async (): Promise<number> => Number(succeeded(await admin('GET', '/admin/status')).body['head']);
const hash = async (asked: { kind: string; model: string; position?: number | null }): Promise<unknown> => (await job(admin, asked))['sha256'];

async function everythingHasHappened(): Promise<Readonly<Record<string, { readonly gapsFilled: number }>>> {
  const api = openApi(world.server.url);
  try {
    const { projections } = await settled(api.as(await world.server.token('barrier', ['admin'])));
    return Object.fromEntries(projections.models.map(({ model, ...status }) => [model, status]));
  } finally {
    api.close();
  }
}

test('two rebuilds up to one position, under load, are equal; one up to another position is not', async () => {
  const position = await headNow();
  const rebuild = async (to: number): Promise<string> => {
    const { exitCode, out } = await runTool(world.dataDir, 'rebuild', 'bet-history', '--to', String(to), '--json');
    expect(exitCode).toBe(0);
    return String(JSON.parse(out).sha256);
  };
  const first = await rebuild(position);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await rebuild(position)).toBe(first);
  expect(await hash({ kind: 'hash', model: 'bet-history', position: position - 50 })).not.toBe(first);
});

test('the ledger is right under load', async () => {
  const before = load.placed;
  const { exitCode, out } = await runTool(world.dataDir, 'ledger', 'verify', '--json');
  const verified: { readonly settlements: number } = JSON.parse(out);
  expect({ exitCode, verified }).toMatchObject({ exitCode: 0, verified: { ok: true, findings: [] } });
  expect(verified.settlements).toBeGreaterThan(0);
  expect(load.placed).toBeGreaterThan(before);
});

test('every read model is rebuilt and goes live under load; afterwards live is what a build from zero gives', async () => {
  for (const { name } of readModels) expect(await job(admin, { kind: 'rebuild', model: name })).toMatchObject({ generation: 2 });
  await load.end();
  const models = await everythingHasHappened();
  for (const { name } of readModels) expect(models[name]).toMatchObject({ gapsFilled: 0 });
  for (const { name } of readModels) {
    expect([name, await hash({ kind: 'hash-live', model: name })]).toEqual([name, await hash({ kind: 'hash', model: name, position: null })]);
  }
});

test('killed in the middle of a rebuild, the server starts with the generation that was live', async () => {
  const model = 'bet-history';
  const live = await hash({ kind: 'hash-live', model });
  // However little the load has left in the log: many steps are too many to be over between two looks.
  await world.stop();
  await world.start({ env: { WAGERLINE_PROJECTOR_BATCH_SIZE_MAX: '1' } });
  let jobId: unknown;
  await until('a rebuild has read some of the log, not all', async () => {
    // On a quick machine one may be over before it is looked at: then the next.
    if (jobId === undefined) jobId = succeeded(await admin('POST', '/admin/jobs', { body: { kind: 'rebuild', model } })).body['jobId'];
    const { state, progress } = succeeded(await admin('GET', `/admin/jobs/${String(jobId)}`)).body;
    if (state !== 'running') jobId = undefined;
    const { position = 0, toPosition = 0 } = (progress ?? {}) as { position?: number; toPosition?: number };
    return state === 'running' && position > 0 && position < toPosition ? true : undefined;
  });
  await world.kill();
  await world.start();
  expect(await hash({ kind: 'hash-live', model })).toBe(live);
});

test('a read model that was changed behind the back of the log is found: exit code 1', async () => {
  expect(await job(admin, { kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [] });
  await world.stop();
  const [{ accountId = '' } = {}] = bettors;
  const betId = await offline(world.dataDir, async ({ readModels: store }) => {
    const statement = { model: accountStatement.name, generation: await store.liveGeneration(accountStatement.name) };
    const [watermark] = await store.watermarks(statement, [accountStream(accountId)]);
    const history = { model: betHistory.name, generation: await store.liveGeneration(betHistory.name) };
    const { value: bet } = await store.scan(history, 'bets')[Symbol.asyncIterator]().next();
    if (watermark === undefined || bet === undefined) throw new Error('there is something to change');
    const values = { ...watermark.values, balanceMinor: Number(watermark.values['balanceMinor']) + 1 };
    await store.write(statement, { puts: [], watermarks: [{ ...watermark, values }] });
    await store.write(history, { puts: [], deletes: [{ collection: 'bets', shard: bet.shard, id: bet.id }], watermarks: [] });
    return bet.id;
  });
  const wrong = await runTool(world.dataDir, 'ledger', 'verify');
  expect(wrong.exitCode).toBe(1);
  expect(wrong.out).toContain(`WRONG read-model-agrees: account-statement ${accountId} at 0: read model balance `);
  expect(wrong.out).toContain(`WRONG read-model-agrees: bet-history ${betId} at 0: not in the read model, log `);
  expect(wrong.out).toContain('the ledger is WRONG: 2 findings\n');
});
