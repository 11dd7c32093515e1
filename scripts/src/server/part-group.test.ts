import type { Json } from '@wagerline/shared-kernel/values/json';
import { expect, test } from 'vitest';
import { askInTurn } from './part-group.ts';

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
