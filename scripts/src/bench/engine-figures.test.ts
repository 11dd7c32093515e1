// What the bench on the engines calls its bottleneck, and that its processes are found.

import { expect, test } from 'vitest';
import { bottleneckOf } from './engine-figures.ts';
import { costsBetween, deploymentProcesses, machineCores, readCpu, type ProcessCost } from './engine-processes.ts';

const cost = (name: string, cores: number): ProcessCost => ({ name, cores, cpuMicrosPerBet: Math.round(cores * 2_000), rssMiB: 1, rssPeakMiB: 2 });
const queues = [
  { relayBehindBytes: 10, projectorsBehindRecords: 3, settlementBehindBytes: 0 },
  { relayBehindBytes: 4, projectorsBehindRecords: 7, settlementBehindBytes: 0 },
];
const round = { cpuMicrosPerBetOfLoad: 200, acceptedPerSecond: 500, cores: 2, coresAtWork: 1.85 };

test('where the machine is used up it is the machine, and the costliest process is named', () => {
  const told = bottleneckOf([cost('kafka', 0.9), cost('command 1', 0.8)], queues, round);
  expect(told).toMatch(/^processor time of the machine, kafka first: 1\.80 of 2 cores used; per bet kafka 1800 us, command 1 1600 us;/);
  expect(told).toContain('at most 10 bytes before the relay, 7 records before a projector');
});

test('one process that fills a core is named; where nothing is full, nothing is called so', () => {
  const quiet = { ...round, coresAtWork: 1.15 };
  expect(bottleneckOf([cost('relay 1', 0.95), cost('query 1', 0.1)], queues, quiet)).toMatch(/^relay 1, which uses a core/);
  expect(bottleneckOf([cost('relay 1', 0.4)], [], { ...round, coresAtWork: 0.55 })).toMatch(/^none reached: 0\.50 of 2 cores/);
});

test('where others are at work on the machine, no bottleneck is told', () => {
  expect(bottleneckOf([cost('kafka', 0.9)], queues, { ...round, coresAtWork: 1.9 })).toMatch(/^not told on a busy machine, where others use 0\.90 cores/);
});

test.runIf(process.platform === 'linux')('a server is its own gateway, and costs are those between two readings', () => {
  const [gateway, ...others] = deploymentProcesses(process.pid, 0);
  expect(gateway).toEqual({ name: 'gateway', pid: process.pid });
  expect(others).toEqual([]);
  const mine = [{ name: 'gateway', pid: process.pid }];
  const before = { atMs: 0, micros: new Map([[process.pid, 1_000]]), machineMicros: 5_000 };
  const after = { atMs: 100, micros: new Map([[process.pid, 51_000]]), machineMicros: 155_000 };
  expect(machineCores(before, after)).toBe(1.5);
  expect(costsBetween(mine, before, after, 10)).toMatchObject([{ name: 'gateway', cores: 0.5, cpuMicrosPerBet: 5_000 }]);
  const now = readCpu(mine);
  expect(now.micros.get(process.pid)).toBeGreaterThan(0);
  expect(now.machineMicros).toBeGreaterThan(0);
});
