import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@wagerline/infra/logger';
import type { Json } from '@wagerline/shared-kernel/values/json';
import { expect, test } from 'vitest';
import { askInTurn, PartGroup } from './part-group.ts';

const notHere = { outcome: 'not-here' };

function processes(...answers: readonly Json[]) {
  const asked: number[] = [];
  const group = answers.map((answer, index) => ({
    async request() {
      asked.push(index);
      return answer;
    },
  }));
  return { asked, group };
}

test.each([
  [[notHere, { outcome: 'unparked' }, notHere], { outcome: 'unparked' }, [0, 1]],
  [[{ generation: 2 }, notHere], { generation: 2 }, [0]],
  [[notHere, notHere], notHere, [0, 1]],
])('of %j the answer is %j', async (answers, answer, whoWasAsked) => {
  const { asked, group } = processes(...answers);
  expect(await askInTurn(group, 'redrive', null)).toEqual(answer);
  expect(asked).toEqual(whoWasAsked);
});

test('a killed process is started again, but not before the one who killed it allows it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'wagerline-group-'));
  const started: number[] = [];
  const group = new PartGroup({
    name: 'testing',
    file: new URL('./testing-part.ts', import.meta.url),
    count: 2,
    settings: () => ({ WAGERLINE_DATA_DIR: dataDir, WAGERLINE_LOG_LEVEL: 'silent', WAGERLINE_PORT: '0' }),
    logger: createLogger({ logLevel: 'silent' }),
    onReady: async ({ pid }) => void started.push(pid),
  });
  try {
    await expect.poll(() => started.length).toBe(2);
    const [first, second] = group.processes.map((process) => process?.pid);
    const allowed = Promise.withResolvers<void>();
    await group.kill(1, allowed.promise);
    await expect.poll(() => group.processes[1]).toBeUndefined();
    expect(await group.requestOne('pid')).toBe(first);
    await expect(group.request('pid')).rejects.toThrow('testing is starting');
    await expect(group.kill(1)).rejects.toThrow('testing 1 does not run');
    allowed.resolve();
    await expect.poll(() => started.length).toBe(3);
    expect(await group.request('pid')).toEqual([first, started[2]]);
    expect(started[2]).not.toBe(second);
  } finally {
    await group.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
