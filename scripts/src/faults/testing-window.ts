// A stretch of traffic, what it was answered and how many requests went to each engine meanwhile, and what the fault tests expect of one.

import { expect } from 'vitest';
import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';
import type { FaultSystem } from './faults.ts';
import type { Answer, Kind } from './traffic.ts';

type Counts = Readonly<Record<EngineName, number>>;
export type Window = {
  readonly answers: readonly Answer[];
  readonly requests: Counts;
  readonly seconds: number;
  readonly ticks: number;
  /** The longest that this process itself came too late: so much later an answer may be on a machine that is busy with other things. */
  readonly stallMs: number;
};

/** What works works for all, what does not for none: a machine that is busy with other things makes some late. */
const shareOfWorking = 0.5;
const failsClosedMsMax = 2_000;
export const healthyTicks = 40;
/** Far below what the gateway waits for a part. */
const stallMsMax = 1_000;
const stormFactor = 1.2;
/** Of requests: what a few retries on top of an idle connection may cost. */
const stormSlack = 10;

export async function watch({ relays, traffic }: FaultSystem, ticks: number, during?: () => Promise<void>): Promise<Window> {
  const counted = (): Counts => Object.fromEntries(engineNames.map((name) => [name, relays[name].requests()])) as Counts;
  const before = counted();
  const startMs = performance.now();
  const { answers, stallMs } = await traffic.run(ticks, during);
  const seconds = (performance.now() - startMs) / 1_000;
  const after = counted();
  const requests = Object.fromEntries(engineNames.map((name) => [name, after[name] - before[name]])) as Counts;
  return { answers, requests, seconds, ticks, stallMs };
}

const answersOf = ({ answers }: Window, kind: Kind): readonly Answer[] => answers.filter((answer) => answer.kind === kind);

/** As `201`, `503 STORE_UNAVAILABLE`: each once. */
export function statusesOf(window: Window, kind: Kind): readonly string[] {
  return [...new Set(answersOf(window, kind).map(({ status, code }) => `${status} ${code}`.trim()))].toSorted();
}

/** One of these codes; on a machine that stood still also that of a gateway which cannot tell that from a part that hangs. */
function codeOf({ stallMs }: Window, codes: readonly string[]): unknown {
  const all = stallMs > stallMsMax ? [...codes, 'PART_UNAVAILABLE'] : codes;
  return expect.stringMatching(`^(${all.join('|')})$`);
}

export function expectToWork(window: Window, ...kinds: readonly Kind[]): void {
  for (const kind of kinds) {
    const answers = answersOf(window, kind);
    const failed = answers.filter(({ status }) => status >= 300 || status === 0);
    expect(failed.length, `${kind}: ${statusesOf(window, kind).join(', ')}`).toBeLessThanOrEqual(answers.length * (1 - shareOfWorking));
  }
}

/** While the fault lasts, every bet is acknowledged; a few of them at a later try, where the machine is busy. */
export async function expectPlacingToWork({ traffic }: FaultSystem, window: Window): Promise<void> {
  expect(statusesOf(window, 'bet')).toContain('201');
  await traffic.settleUp();
}

/** Reads that cannot be answered say so, with a code and when to try again. */
export function expectToDegrade(window: Window, ...kinds: readonly Kind[]): void {
  for (const kind of kinds) {
    const failed = answersOf(window, kind).filter(({ status }) => status !== 200);
    expect(failed.length, `${kind} during the fault: ${statusesOf(window, kind).join(', ')}`).toBeGreaterThan(0);
    const code = codeOf(window, ['READ_MODEL_UNAVAILABLE']);
    for (const answer of failed) expect(answer).toMatchObject({ status: 503, code, retryAfter: expect.any(String) });
  }
}

/** What is not answered is refused with 503 and when to try again. */
export function expectToSaySo(window: Window): void {
  for (const { kind, status, retryAfter } of window.answers) {
    if (status !== 200 && status !== 201) expect([kind, status, retryAfter]).toEqual([kind, 503, expect.any(String)]);
  }
}

/** Nothing is taken; every refusal comes in time and says when to try again. */
export function expectToFailClosed(window: Window): void {
  const code = codeOf(window, ['STORE_UNAVAILABLE', 'MARKET_VIEW_STALE']);
  for (const answer of answersOf(window, 'bet')) expect(answer).toMatchObject({ status: 503, code, retryAfter: expect.any(String) });
  expectInTime(window);
}

/** Whatever becomes of a command, its sender knows within 2 s. */
export function expectInTime(window: Window): void {
  for (const { kind, ms } of window.answers) {
    if (kind === 'bet' || kind === 'price') expect(ms, kind).toBeLessThanOrEqual(failsClosedMsMax + window.stallMs);
  }
}

/**
 * Requests to each engine, against the most in any healthy stretch of the same traffic. A storm is more than the time explains and more than the
 * traffic explains: a busy machine stretches the time of some ticks, and of others not. The healthy traffic is measured once more before it is called one.
 */
export async function expectNoStorm(system: FaultSystem, window: Window, healthy: Window[]): Promise<void> {
  const excess = (): readonly string[] => {
    return engineNames.flatMap((name) => {
      const usual = (per: 'seconds' | 'ticks') => window[per] * Math.max(...healthy.map((each) => each.requests[name] / each[per]));
      const most = Math.max(usual('seconds'), usual('ticks'));
      const now = window.requests[name];
      return now <= stormFactor * most + stormSlack ? [] : [`${name}: ${now} requests, ${most.toFixed(1)} when healthy`];
    });
  };
  if (excess().length > 0) healthy.push(await watch(system, healthyTicks));
  expect(excess().join('; ')).toBe('');
}
