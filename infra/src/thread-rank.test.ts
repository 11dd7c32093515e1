import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { behindMsMax, burstEvents, calmMs, FollowerRank, lookAtFollower, rankCell, silenceMsMax } from './thread-rank.ts';

/** As the kernel numbers them, in the fields of the calling thread that follow its name. */
const policies: Readonly<Record<string, string>> = { 0: 'other', 5: 'idle' };
const policyField = 38;
const onLinux = test.runIf(process.platform === 'linux');
const cell = rankCell();
let nowMs: number;
let rank: FollowerRank;

function policy(): string | undefined {
  const stat = readFileSync('/proc/thread-self/stat', 'utf8');
  return policies[stat.slice(stat.lastIndexOf(')') + 2).split(' ')[policyField] ?? ''];
}

/** CAP_SYS_NICE, the 23rd: without it a thread could not leave the idle class, so it must never be in it. */
function inIdleClass(): string {
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  return ((capabilities >> 23n) & 1n) === 1n ? 'idle' : 'other';
}

beforeEach(() => {
  nowMs = 10_000;
  rank = new FollowerRank(1, cell, () => nowMs);
});

/** This thread runs other tests behind this one. */
afterEach(async () => {
  if (process.platform !== 'linux') return;
  nowMs += 2 * silenceMsMax;
  lookAtFollower(cell, () => nowMs);
  await expect.poll(policy).toBe('other');
});

onLinux('a follower of a burst lets all others go first', () => {
  rank.follows(burstEvents, behindMsMax);
  expect(policy()).toBe(inIdleClass());
});

onLinux('a follower with little to do runs as it did', () => {
  rank.follows(burstEvents - 1, 5);
  expect(policy()).toBe('other');
});

onLinux('a follower that is too far behind gets its part again, and keeps it until it has been well for a while', () => {
  rank.follows(burstEvents, 5);
  rank.follows(burstEvents, behindMsMax + 1);
  expect(policy()).toBe('other');
  nowMs += calmMs;
  rank.follows(burstEvents, 5);
  expect(policy()).toBe('other');
  nowMs += 1;
  rank.follows(burstEvents, 5);
  expect(policy()).toBe(inIdleClass());
});

onLinux('a follower that is not heard of is taken out by its root, and one that is heard of is not', async () => {
  rank.follows(burstEvents, 5);
  nowMs += silenceMsMax;
  rank.follows(1, 5);
  nowMs += silenceMsMax;
  lookAtFollower(cell, () => nowMs);
  expect(Atomics.load(cell, 0) === 0n).toBe(inIdleClass() === 'other');
  nowMs += 1;
  lookAtFollower(cell, () => nowMs);
  await expect.poll(policy).toBe('other');
});

onLinux('where other programs share the cores it always runs like all others', () => {
  const equal = new FollowerRank(0, cell, () => nowMs);
  equal.follows(burstEvents, 5);
  expect(policy()).toBe('other');
});
