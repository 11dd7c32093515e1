// What stands between the gateway and the parts behind it, and parts that hang. Registered by faults.engine.test.ts.

import { expect, test } from 'vitest';
import { answerMsMaxDefault } from '../server/gateway.ts';
import type { FaultSystem } from './faults.ts';
import { expectPlacingToWork, expectToSaySo, expectToWork, watch, type Window } from './testing-window.ts';

const ticks = 30;

export function betweenParts(system: () => FaultSystem): void {
  for (const toxic of ['black-hole', 'latency', 'reset'] as const) {
    test(`${toxic} between the gateway and a command API: its senders are answered in time, and bets are placed by the other`, async () => {
      const { toxiproxy, caughtUp } = system();
      await toxiproxy.afflict('command-0', toxic);
      const window = await watch(system(), ticks);
      await expectPlacingToWork(system(), window);
      await toxiproxy.healAll();
      expectToSaySo(window);
      expectAnswersInTime(window);
      expectToWork(window, 'history', 'odds', 'search');
      await caughtUp();
    });
  }

  test('a command API hangs: its senders are answered in time, and bets are placed by the other', async () => {
    const window = await whileItHangs(system(), 'command', async (hanging) => {
      await expectPlacingToWork(system(), hanging);
    });
    expectToWork(window, 'history', 'odds', 'search');
    await system().caughtUp();
  });

  test('the one query API hangs: its readers are refused in time, and bets are placed', async () => {
    const window = await whileItHangs(system(), 'query', async (hanging) => {
      await expectPlacingToWork(system(), hanging);
    });
    for (const { kind, status, code } of window.answers) {
      if (kind !== 'bet' && kind !== 'price') expect([kind, status, code]).toEqual([kind, 503, 'PART_UNAVAILABLE']);
    }
    await system().caughtUp();
  });
}

async function whileItHangs(system: FaultSystem, part: 'command' | 'query', during: (window: Window) => Promise<void>): Promise<Window> {
  const [hanging] = system.groups[part].processes;
  if (hanging === undefined) throw new Error(`${part} is starting`);
  process.kill(hanging.pid, 'SIGSTOP');
  try {
    const window = await watch(system, ticks);
    await during(window);
    expectToSaySo(window);
    expectAnswersInTime(window);
    return window;
  } finally {
    process.kill(hanging.pid, 'SIGCONT');
  }
}

/** The gateway waits for no part for longer. */
function expectAnswersInTime({ answers, stallMs }: Window): void {
  for (const { kind, ms } of answers) expect(ms, kind).toBeLessThanOrEqual(answerMsMaxDefault + answerSlackMs + stallMs);
}

/** From the gateway to the sender and back. */
const answerSlackMs = 500;
