import { expect, test } from 'vitest';
import type { EngineRun, EngineRuns } from '@wagerline/infra/testing/engines-names';
import { isComplete, runsTable } from './runs-table.ts';

const running: EngineRun = { state: 'running', url: 'redis://127.0.0.1:6379', version: '7.0.15', found: 'native', standIn: undefined };
const all = (others: Partial<EngineRuns>): EngineRuns => ({
  eventstoredb: running,
  kafka: running,
  mongodb: { ...running, standIn: 'another server: no sharding' },
  redis: running,
  elasticsearch: running,
  ...others,
});

test('every engine has a line: real, a stand-in with what it does not show, or not run with the reason', () => {
  const table = runsTable(all({ kafka: { state: 'failed', reason: 'ended while it started\nlog' } }));
  expect(table).toHaveLength(6);
  expect(table.find((line) => line.startsWith('redis'))).toMatch(/^redis +real +7\.0\.15 +native$/);
  expect(table.find((line) => line.startsWith('mongodb'))).toMatch(/^mongodb +stand-in .*no sharding$/);
  expect(table.find((line) => line.startsWith('kafka'))).toMatch(/^kafka +NOT RUN +ended while it started$/);
});

test('an engine that was asked for and is not there makes the run red', () => {
  expect(isComplete(all({}), true)).toBe(true);
  expect(isComplete(all({ redis: { state: 'failed', reason: '' } }), false)).toBe(false);
});

test('an engine that was not asked for makes the run red in CI alone', () => {
  const runs = all({ redis: { state: 'not asked', reason: '' } });
  expect([isComplete(runs, false), isComplete(runs, true)]).toEqual([true, false]);
});
