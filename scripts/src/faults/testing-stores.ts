// What engines refuse or forget, and projectors that die or stop at the wrong moment. Registered by faults.engine.test.ts.

import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
import { until, type FaultSystem } from './faults.ts';
import { expectPlacingToWork, expectToDegrade, expectToWork, watch } from './testing-window.ts';

const ticks = 20;
const searchModel = 'fixture-search';
const shares = z.object({ models: z.array(z.object({ model: z.string(), partitions: z.array(z.int()) })) });

export function stores(system: () => FaultSystem): void {
  test('Redis is emptied under load: odds stay right, and are cached again', async () => {
    const { engineUrls, traffic, caughtUp } = system();
    const odds = async () => (await traffic.send('GET', '/v1/markets/match-0.1x2', undefined)).body;
    const window = await watch(system(), ticks, async () => void (await redis(engineUrls.redis, 'FLUSHALL')));
    expectToWork(window, 'odds');
    await caughtUp();
    const cached = await odds();
    expect(await redis(engineUrls.redis, 'FLUSHALL')).toBe('+OK');
    expect(await odds()).toEqual(cached);
    await until('odds are cached', async () => (await redis(engineUrls.redis, 'DBSIZE')) !== ':0' || undefined);
  });

  test('Elasticsearch answers 429: searches say so, projectors wait, and nothing is parked', async () => {
    const { status, caughtUp } = system();
    const limit = async (value: string | null) => {
      await elasticsearch(system(), 'PUT', '/_cluster/settings', { persistent: { 'network.breaker.inflight_requests.limit': value } });
    };
    await limit('1b');
    const window = await watch(system(), ticks);
    await expectPlacingToWork(system(), window);
    await limit(null);
    expectToWork(window, 'history');
    expectToDegrade(window, 'search');
    await caughtUp();
    expect((await modelOf(system(), searchModel)).parkedCount).toBe(0);
    expect((await status()).problems).toEqual([]);
  });

  test('an index whose mapping refuses documents: they are parked, everything else goes on, and a redrive brings them', async () => {
    const { config, traffic, admin, caughtUp } = system();
    const index = `${config.engines.namespace}-fixtures-${(await modelOf(system(), searchModel)).generation}`;
    const { [index]: live } = await elasticsearch(system(), 'GET', `/${index}/_mapping`);
    const { away } = (live as { mappings: { properties: { words: { properties: { away: JsonObject } } } } }).mappings.properties.words.properties;
    const asNumbers = async (number: JsonObject) => {
      const properties = { words: { properties: { away: { ...away, fields: { number: { type: 'long', ...number } } } } } };
      await elasticsearch(system(), 'PUT', `/${index}/_mapping`, { properties });
    };
    const fixtures = [0, 1, 2, 3].map((number) => `match-${number}`);
    const startsAt = '2030-01-02T15:00:00.000Z';
    const revisions: unknown[] = [];
    // Names of teams are no numbers.
    await asNumbers({});
    const window = await watch(system(), ticks, async () => {
      for (const fixture of fixtures) {
        const { status, body } = await traffic.send('POST', `/v1/fixtures/${fixture}/reschedule`, admin, { startsAt });
        expect([status, body]).toEqual([200, body]);
        revisions.push(body['revision']);
      }
    });
    expectToWork(window, 'history', 'odds', 'search');
    await caughtUp();
    const streams = fixtures.map((fixture) => `fixture-${fixture}`);
    expect((await parkedStreams(system())).toSorted()).toEqual(streams);
    const asked = { 'wagerline-min-revision': `${streams[0]}@${String(revisions[0])}` };
    expect(await traffic.send('GET', '/v1/fixtures/match-0', undefined, undefined, asked)).toMatchObject({ status: 503, body: { code: 'READ_MODEL_PARKED' } });

    await asNumbers({ ignore_malformed: true });
    for (const stream of streams) await traffic.send('POST', '/admin/parked/redrive', admin, { model: searchModel, stream });
    expect(await parkedStreams(system())).toEqual([]);
    await caughtUp();
    const { body } = await traffic.send('GET', '/v1/fixtures?q=away', undefined);
    expect(body['fixtures']).toMatchObject(fixtures.map(() => ({ startsAt })));
  });

  test('projectors die between a document and its watermark: the document is written once more, and no event is missed', async () => {
    const { relays, groups, caughtUp } = system();
    const { generation } = await modelOf(system(), 'bet-history');
    const cut = relays.mongodb.cutAt(updateOf(`bet-history.${generation}._watermarks`), () => {
      for (const process of groups.projector.processes) process?.kill();
    });
    const window = await watch(system(), ticks);
    await cut;
    await expectPlacingToWork(system(), window);
    await caughtUp();
    expect((await modelOf(system(), 'bet-history')).gapsFilled).toBe(0);
  });

  test('a projector stops for longer than its session: the other takes its partitions, and what it wakes up with does no harm', async () => {
    const { groups, status, caughtUp } = system();
    const [stopped, other] = groups.projector.processes;
    if (stopped === undefined || other === undefined) throw new Error('there are two projectors');
    process.kill(stopped.pid, 'SIGSTOP');
    try {
      const window = await watch(system(), ticks);
      expectToWork(window, 'history');
      await expectPlacingToWork(system(), window);
      await until('the other has all partitions', async () => {
        const { models } = shares.parse(await other.request('status'));
        const isAll = models.every(({ model, partitions }) => model === searchModel || partitions.length === system().config.bus.partitionCount);
        return isAll || undefined;
      });
    } finally {
      process.kill(stopped.pid, 'SIGCONT');
    }
    await caughtUp();
    expect((await status()).projections.models.map(({ gapsFilled }) => gapsFilled)).toEqual([0, 0, 0, 0, 0]);
  });
}

async function modelOf({ status }: FaultSystem, name: string) {
  const found = (await status()).projections.models.find(({ model }) => model === name);
  if (found === undefined) throw new Error(`the status has ${name}`);
  return found;
}

async function parkedStreams({ traffic, admin }: FaultSystem): Promise<readonly string[]> {
  const { body } = await traffic.send('GET', '/admin/parked', admin);
  const models = body['models'] as readonly { readonly model: string; readonly parked: readonly { readonly stream: string }[] }[];
  return models.filter(({ model }) => model === searchModel).flatMap(({ parked }) => parked.map(({ stream }) => stream));
}

/** In Redis's own words: its clients are not for tools. */
async function redis(url: string, command: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().trim();
}

async function elasticsearch({ engineUrls }: FaultSystem, method: string, path: string, body?: object): Promise<JsonObject> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(engineUrls.elasticsearch + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const answer = (await response.json()) as JsonObject;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** How an update of this collection begins in BSON: the command's name, and the collection's with its length. */
function updateOf(collection: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(collection.length + 1);
  return Buffer.concat([Buffer.from('update\0'), length, Buffer.from(`${collection}\0`)]);
}
