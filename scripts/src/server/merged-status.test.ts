import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import type { Json } from '@wagerline/shared-kernel/values/json';
import { describe, expect, test } from 'vitest';
import { mergedModels, mergedStatus } from './merged-status.ts';
import { statusParts } from './operations.ts';

const share = {
  model: 'fixture-search',
  generation: 2,
  state: 'running',
  problem: null,
  partitions: [0, 2],
  lag: 0,
  eventsApplied: 5,
  eventsPerSecond: 1,
  duplicatesSkipped: 1,
  gapsFilled: 0,
  parkedCount: 1,
  ageMs: { p50: 3, p99: 9 },
};

test('processes that share a model are one status: their counts together, the whole model once', () => {
  const other = { ...share, partitions: [1], lag: 7, eventsApplied: 4, ageMs: { p50: 1, p99: 20 } };
  expect(mergedModels([[share], [other]])).toEqual([
    { ...share, partitions: [0, 1, 2], lag: 7, eventsApplied: 9, eventsPerSecond: 2, duplicatesSkipped: 2, ageMs: { p50: 3, p99: 20 } },
  ]);
});

test.each([
  [['waiting', 'running'], 'running'],
  [['running', 'waiting', 'retrying'], 'retrying'],
  [['waiting', 'building'], 'building'],
  [['waiting', 'waiting'], 'waiting'],
])('%j together are %s', (states, merged) => {
  expect(mergedModels(states.map((state) => [{ ...share, state }]))).toMatchObject([{ state: merged }]);
});

describe('the whole', () => {
  const answering = (status: Json) => ({ request: async () => status });
  const failing = (reason: string) => ({ request: () => Promise.reject(new Error(reason)) });
  const command = { processes: [answering({ marketView: { fresh: true, through: 9 } })] };
  const relay = { processes: [answering({ relay: { publishedThrough: 7 } })] };
  const projector = { processes: [answering({ models: [share] })] };
  const log = {
    head: async () => 9,
    readAll: async (position: number) => ({ events: [], position: Math.max(position, 9), caughtUp: true }),
  };

  test('parts that do not answer are told by name; where nobody answers, nothing is claimed to be done', async () => {
    const settlement = { processes: [undefined] };
    const status = await mergedStatus({ command, relay, projector: { processes: [failing('projector has ended')] }, settlement }, log, statusParts);
    expect(status['problems']).toEqual(['projector 0: projector has ended', 'settlement 0: is starting']);
    expect(status).toMatchObject({ head: 9, marketView: { fresh: true, through: 9 }, settlement: { reactor: { position: 0 } } });
    const { models } = status['projections'] as { models: readonly { readonly lag: number; readonly state: string }[] };
    expect(models.map(({ lag, state }) => [lag, state])).toEqual(readModels.map(() => [-1, 'unknown']));
  });

  test('one of two processes is enough, and a log that is away leaves the rest to be told', async () => {
    const away = { head: () => Promise.reject(new Error('away')), readAll: () => Promise.reject(new Error('away')) };
    const two = { processes: [answering({ models: [{ ...share, generation: -1, lag: -1, parkedCount: -1, problem: 'no answer' }] }), ...projector.processes] };
    const starting = { processes: [undefined, ...command.processes] };
    const status = await mergedStatus({ command: starting, relay, projector: two, settlement: { processes: [] } }, away, statusParts);
    expect(status['problems']).toEqual(['command 0: is starting', 'event store: away']);
    expect(status).toMatchObject({ head: null, projections: { relay: { publishedThrough: 7 }, models: [{ lag: 0, generation: 2, parkedCount: 1 }] } });
  });

  test('of a part that is not asked for no process is asked', async () => {
    const silent = { processes: [failing('was asked')] };
    const status = await mergedStatus({ command, relay: silent, projector: silent, settlement: silent }, log, ['marketView']);
    expect(status).toEqual({ head: 9, marketView: { fresh: true, through: 9 }, problems: [] });
  });
});
