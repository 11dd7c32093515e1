import { afterEach, beforeEach, expect, test } from 'vitest';

import type { StreamRevision } from '@wagerline/infra/http';
import { openTemporaryReadModels, type TemporaryReadModels } from '@wagerline/infra/testing/temporary-read-models';
import { silentLogger } from '@wagerline/infra/testing/test-server';
import { accountStatement } from '@wagerline/shared-kernel/read-models/account-statement';

import { FreshReads } from './fresh-enough.ts';
import type { QueryStore } from './query-deps.ts';

const target = { model: accountStatement.name, generation: 1 };
const stream = 'account-a';
const asked = (revision: number): StreamRevision => ({ stream, revision });

let models: TemporaryReadModels;
let waitedMs: number[];
/** What happens in the nth delay; a test that waits longer than its script has its time run out. */
let script: (() => Promise<void>)[];

beforeEach(async () => {
  models = await openTemporaryReadModels();
  await models.writer.prepare(target, accountStatement.collections);
  await models.writer.activate(target);
  waitedMs = [];
  script = [];
});
afterEach(() => models.close());

const reads = (store: QueryStore = models.reader, waitMsMax = 100): FreshReads =>
  new FreshReads({
    store,
    logger: silentLogger,
    http: { pageSizeDefault: 50, pageSizeMax: 200, freshReadWaitMsMax: waitMsMax },
    delay: async (ms) => {
      waitedMs.push(ms);
      await script.shift()?.();
    },
  });

const advanceTo = (revision: number, generation = 1): Promise<void> =>
  models.writer.write({ ...target, generation }, { puts: [], watermarks: [{ stream, revision, values: {} }] });

const answer = async (): Promise<string> => 'documents';

test('what is visible is answered at once, older revisions included', async () => {
  await advanceTo(5);
  for (const revision of [0, 5]) expect(await reads().read(accountStatement, asked(revision), answer)).toBe('documents');
  expect(await reads().read(accountStatement, undefined, answer)).toBe('documents');
  expect(waitedMs).toEqual([]);
});

test('the documents are read after the watermark, never before it', async () => {
  await advanceTo(3);
  let readAt = 'nothing waited';
  script = [async () => undefined, async () => {
    readAt = 'after the watermark';
    await advanceTo(4);
  }];
  expect(await reads().read(accountStatement, asked(4), async () => readAt)).toBe('after the watermark');
  expect(waitedMs).toEqual([2, 4]);
});

test('a wait grows to 50 ms between looks, ends with its bound and says how far the model is', async () => {
  await advanceTo(3);
  const refused = reads(models.reader, 200).read(accountStatement, asked(9), answer);
  const extensions = { stream, asked: 9, visible: 3 };
  await expect(refused).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND', extensions, retryAfterSeconds: 1 });
  expect(waitedMs).toEqual([2, 4, 8, 16, 32, 50, 50, 38]);
});

test('a stream of which nothing is visible has no revision to tell', async () => {
  const refused = reads(models.reader, 0).read(accountStatement, asked(0), answer);
  await expect(refused).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND', extensions: { visible: null } });
  expect(waitedMs).toEqual([]);
});

test('a parked stream is refused at once, and a revision before the repair point is still answered', async () => {
  const parked = { stream, revision: 4, position: 17, reason: 'unknown type' };
  await models.writer.write(target, { puts: [], watermarks: [{ stream, revision: 3, values: {} }], park: [parked] });
  const refused = reads().read(accountStatement, asked(4), answer);
  await expect(refused).rejects.toMatchObject({ code: 'READ_MODEL_PARKED', extensions: { visible: 3 } });
  expect(await reads().read(accountStatement, asked(3), answer)).toBe('documents');
  expect(waitedMs).toEqual([]);
});

test('a stream that is parked while a reader waits ends the wait', async () => {
  const poison = { stream, revision: 0, position: 1, reason: 'poison' };
  script = [() => models.writer.write(target, { puts: [], watermarks: [], park: [poison] })];
  await expect(reads().read(accountStatement, asked(0), answer)).rejects.toMatchObject({ code: 'READ_MODEL_PARKED' });
  expect(waitedMs).toEqual([2]);
});

test('readers of one stream share a look, and each is woken by its own revision', async () => {
  const done: number[] = [];
  const fresh = reads();
  const read = (revision: number): Promise<unknown> => fresh.read(accountStatement, asked(revision), async () => done.push(revision));
  const late = read(2);
  const early = read(1);
  // The second step only comes when the reader of revision 1 has its answer.
  script = [() => advanceTo(1), () => early.then(() => advanceTo(2))];
  await Promise.all([late, early, read(2), read(2)]);
  expect(done).toEqual([1, 2, 2, 2]);
  // Whoever joins brings the next look near again.
  expect(waitedMs).toEqual([2, 2]);
});

test('a store that fails is unavailable, without its own words; during a wait too', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('connection to 10.0.0.7 refused'));
  const liveGeneration = async (): Promise<number> => 1;
  const away: QueryStore = { get: broken, getMany: broken, find: broken, watermarks: broken, parked: broken, liveGeneration };
  const refused = reads(away).read(accountStatement, asked(1), answer);
  await expect(refused).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE', message: 'The read model cannot be reached now' });
  script = [() => models.reader.close()];
  await expect(reads().read(accountStatement, asked(1), answer)).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
  expect(waitedMs).toEqual([2]);
});

test('a model that was never activated is unavailable', async () => {
  const other = { ...accountStatement, name: 'not-built' };
  await expect(reads().read(other, undefined, answer)).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
});

test('a read that meets a swap is repeated on the generation that is live now', async () => {
  const fresh = reads();
  await fresh.read(accountStatement, undefined, answer);
  const seen: number[] = [];
  const swapping = async ({ generation }: { generation: number }): Promise<number> => {
    seen.push(generation);
    if (generation === 1) {
      await models.writer.prepare({ ...target, generation: 2 }, accountStatement.collections);
      await models.writer.activate({ ...target, generation: 2 });
      await models.writer.drop(target);
      throw new Error('the collection is gone');
    }
    return generation;
  };
  expect(await fresh.read(accountStatement, undefined, swapping)).toBe(2);
  expect(seen).toEqual([1, 2]);
});

test('a wait goes on in the generation that becomes live meanwhile', async () => {
  const second = { ...target, generation: 2 };
  await models.writer.prepare(second, accountStatement.collections);
  script = [
    async () => {
      await advanceTo(7, 2);
      await models.writer.activate(second);
    },
  ];
  expect(await reads().read(accountStatement, asked(7), async ({ generation }) => generation)).toBe(2);
});
