import { expect, test } from 'vitest';
import { mergedModels } from './merged-status.ts';

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
