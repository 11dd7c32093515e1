// What the network does between the parts and one engine, and what is promised meanwhile. Registered by faults.engine.test.ts.

import { expect, test } from 'vitest';
import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';
import type { FaultSystem } from './faults.ts';
import {
  expectInTime, expectNoStorm, expectPlacingToWork, expectToDegrade, expectToFailClosed, expectToSaySo, expectToWork, healthyTicks, watch, type Window,
} from './testing-window.ts';
import type { Kind } from './traffic.ts';

const ticks = 30;
const others = (name: EngineName): readonly EngineName[] => engineNames.filter((each) => each !== name);

/** Reads that need the engine, and those that go on without it. Odds are read from Redis or MongoDB, whichever is there. */
const reads: Readonly<Record<EngineName, { readonly degrade: readonly Kind[]; readonly work: readonly Kind[] }>> = {
  eventstoredb: { degrade: [], work: ['history', 'odds', 'search'] },
  kafka: { degrade: [], work: ['history', 'odds', 'search'] },
  mongodb: { degrade: ['history'], work: [] },
  redis: { degrade: [], work: ['history', 'odds', 'search'] },
  elasticsearch: { degrade: ['search'], work: ['history', 'odds'] },
};

export function outages(system: () => FaultSystem, betsInOutage: number): void {
  const healthy: Window[] = [];

  test('healthy: everything is answered', async () => {
    const window = await watch(system(), healthyTicks);
    healthy.push(window);
    expectToWork(window, 'history', 'odds', 'search', 'price');
    await expectPlacingToWork(system(), window);
  });

  for (const toxic of ['black-hole', 'reset', 'refused'] as const) {
    test.each(engineNames)(`${toxic} before %s`, async (name) => {
      const { toxiproxy, caughtUp } = system();
      await toxiproxy.afflict(name, toxic);
      const window = await watch(system(), ticks);
      if (name === 'eventstoredb') expectToFailClosed(window);
      else await expectPlacingToWork(system(), window);
      await toxiproxy.healAll();
      expectToDegrade(window, ...reads[name].degrade);
      expectToWork(window, ...reads[name].work);
      await caughtUp();
      await expectNoStorm(system(), window, healthy);
    });
  }

  for (const toxic of ['latency', 'trickle'] as const) {
    test(`${toxic} before the event store: no answer takes longer than 2 s`, async () => {
      const { toxiproxy, caughtUp } = system();
      await toxiproxy.afflict('eventstoredb', toxic);
      const window = await watch(system(), ticks);
      await toxiproxy.healAll();
      expectInTime(window);
      expectToSaySo(window);
      await caughtUp();
    });

    test(`${toxic} before all other engines: placing works`, async () => {
      const { toxiproxy, caughtUp } = system();
      for (const name of others('eventstoredb')) await toxiproxy.afflict(name, toxic);
      const window = await watch(system(), ticks);
      await expectPlacingToWork(system(), window);
      await toxiproxy.healAll();
      expectToSaySo(window);
      await caughtUp();
    });
  }

  test(`${betsInOutage} bets are placed while Kafka is away; then the lag returns to 0, without a gap`, async () => {
    const { toxiproxy, traffic, status, caughtUp } = system();
    await toxiproxy.afflict('kafka', 'refused');
    await traffic.placeMany(betsInOutage);
    const during = await status();
    await toxiproxy.healAll();
    expect(during.projections.relay.publishedThrough).toBeLessThan(during.head ?? 0);
    await caughtUp();
    expect((await status()).projections.models.map(({ gapsFilled }) => gapsFilled)).toEqual([0, 0, 0, 0, 0]);
  });
}
