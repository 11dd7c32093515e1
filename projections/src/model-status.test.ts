import { expect, test } from 'vitest';
import { FiguresQuestion, type ModelFigures } from './model-status.ts';

const notKnown = { generation: -1, lag: -1, parkedCount: -1 };

test('a store that fails or hangs makes figures unknown, not the status impossible; a question that hangs is not asked twice', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<ModelFigures>();
  const question = new FiguresQuestion(() => {
    asked += 1;
    return asked === 1 ? Promise.reject(new Error('no server')) : answer.promise;
  }, 10);
  expect(await question.answer()).toEqual({ figures: notKnown, problem: 'no server' });
  expect(await question.answer()).toEqual({ figures: notKnown, problem: 'no answer within 10 ms' });
  const third = question.answer();
  answer.resolve({ generation: 2, lag: 0, parkedCount: 1 });
  expect(await third).toEqual({ figures: { generation: 2, lag: 0, parkedCount: 1 }, problem: null });
  expect(asked).toBe(2);
});
