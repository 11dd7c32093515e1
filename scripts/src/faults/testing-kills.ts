// Parts and engines that die under load, are started again, and what has to be there then. Registered by faults.engine.test.ts.

import { expect, test } from 'vitest';
import { loadConfig } from '@wagerline/infra/config';
import { openRelayInfra } from '@wagerline/infra/open-infra';
import { urlVariables } from '../engines/config.ts';
import { until, type FaultSystem } from './faults.ts';
import { expectPlacingToWork, expectToFailClosed, expectToWork, statusesOf, watch } from './testing-window.ts';
import type { AskedBet, Bettor } from './traffic.ts';

const ticks = 20;
const partNames = ['command', 'query', 'relay', 'projector', 'settlement'] as const;

export function kills(system: () => FaultSystem): void {
  test.each(partNames)('a %s process is killed under load: another takes its place, and everything catches up', async (name) => {
    const { groups, caughtUp } = system();
    const victim = groups[name].processes[0];
    const window = await watch(system(), ticks, async () => victim?.kill());
    await expectPlacingToWork(system(), window);
    if (name !== 'query') expectToWork(window, 'history', 'odds', 'search');
    await caughtUp();
    expect(groups[name].processes[0]?.pid).not.toBe(victim?.pid);
  });

  test('the event store is killed under load: what it acknowledged is there, placing fails closed until it is back', async () => {
    const { fleet, traffic, caughtUp } = system();
    await watch(system(), ticks, () => fleet.kill('eventstoredb'));
    const acknowledged = traffic.bets.filter(({ betId }) => betId !== undefined).slice(-50);
    expectToFailClosed(await watch(system(), ticks));
    await fleet.start('eventstoredb');
    await caughtUp();
    for (const bet of acknowledged) expect(await repeated(traffic, bet)).toEqual([201, bet.betId, bet.revision]);
  });

  test('Kafka is killed under load: no record that it acknowledged is lost, placing goes on', async () => {
    const { fleet, caughtUp } = system();
    const before = await endOffsets(system());
    const window = await watch(system(), ticks, () => fleet.kill('kafka'));
    expectToWork(window, 'history');
    await expectPlacingToWork(system(), window);
    await fleet.start('kafka');
    const after = await endOffsets(system());
    expect(after.every((end, partition) => end >= (before[partition] ?? 0))).toBe(true);
    await caughtUp();
  });

  test('Elasticsearch is killed under load: what it acknowledged is found again, in the same generation', async () => {
    const { fleet, traffic, status, caughtUp } = system();
    const search = async () => (await traffic.send('GET', '/v1/fixtures?q=home', undefined)).body;
    const generationOf = async () => (await status()).projections.models.find(({ model }) => model === 'fixture-search')?.generation;
    const before = { found: await search(), generation: await generationOf() };
    const window = await watch(system(), ticks, () => fleet.kill('elasticsearch'));
    expectToWork(window, 'history');
    await expectPlacingToWork(system(), window);
    await fleet.start('elasticsearch');
    await caughtUp();
    expect({ found: await search(), generation: await generationOf() }).toEqual(before);
  });

  test('Redis is killed under load: odds come from the read models', async () => {
    const { fleet, caughtUp } = system();
    const window = await watch(system(), ticks, () => fleet.kill('redis'));
    expectToWork(window, 'odds');
    await expectPlacingToWork(system(), window);
    await fleet.start('redis');
    await caughtUp();
  });

  test('MongoDB is killed under load and comes back empty: queries answer 503 until everything is built anew', async () => {
    const { fleet, traffic, caughtUp } = system();
    await traffic.settleUp();
    await caughtUp();
    const [bettor] = traffic.bettors;
    if (bettor === undefined) throw new Error('the traffic has bettors');
    const expected = betsOf(traffic.bets, bettor);
    const window = await watch(system(), ticks, () => fleet.kill('mongodb'));
    await expectPlacingToWork(system(), window);
    expect(statusesOf(window, 'history')).toContain('503 READ_MODEL_UNAVAILABLE');
    await fleet.start('mongodb');
    const shown = await until('bets are shown again', () => shownBets(traffic, bettor));
    expect(expected.filter((betId) => !shown.includes(betId))).toEqual([]);
    await caughtUp();
  });
}

/** On as many pages as it takes. Undefined: the query API says that it cannot show them now. */
export async function shownBets(traffic: FaultSystem['traffic'], { token }: Bettor): Promise<readonly string[] | undefined> {
  const shown: string[] = [];
  for (let cursor: unknown = ''; cursor !== null; ) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(String(cursor))}`;
    const { status, body, retryAfter } = await traffic.send('GET', `/v1/bets?limit=200${after}`, token);
    if (status !== 200) {
      expect([status, retryAfter]).toEqual([503, expect.any(String)]);
      return undefined;
    }
    shown.push(...(body['bets'] as readonly { readonly betId: string }[]).map(({ betId }) => betId));
    cursor = body['nextCursor'];
  }
  return shown;
}

export function betsOf(bets: readonly AskedBet[], bettor: Bettor): readonly string[] {
  return bets.filter((bet) => bet.bettor === bettor).flatMap(({ betId }) => betId ?? []);
}

async function repeated(traffic: FaultSystem['traffic'], { bettor, key, slip }: AskedBet): Promise<readonly unknown[]> {
  const { status, body } = await traffic.send('POST', '/v1/bets', bettor.token, slip, { 'idempotency-key': key });
  return [status, body['betId'], body['revision']];
}

/** Asked of Kafka itself, by a client that has nothing to do with the parts. */
async function endOffsets({ engineUrls, config }: FaultSystem): Promise<readonly number[]> {
  const urls = Object.fromEntries(Object.entries(engineUrls).map(([name, url]) => [urlVariables[name as keyof typeof urlVariables], url]));
  const own = loadConfig(urls, { stores: 'engines', dataDir: config.dataDir, logLevel: 'silent' });
  const { bus, close } = await openRelayInfra({ config: own, time: undefined });
  try {
    return await bus.endOffsets('by-stream');
  } finally {
    await close();
  }
}
