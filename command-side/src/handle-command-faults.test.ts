// The command handler on an event store that fails on purpose: "unknown" is not "refused", and nothing is written twice.

import { randomUUID } from 'node:crypto';
import { OutcomeUnknownError, StoreUnavailableError, type EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placeBet } from './account/samples.ts';
import { withAppends, withFaults } from './testing-faults.ts';
import { openProcesses, type ProcessesUnderTest } from './testing-process.ts';

let processes: ProcessesUnderTest;
beforeAll(async () => {
  processes = await openProcesses();
});
afterAll(() => processes.close());

const refused = (code: string): unknown => expect.objectContaining({ refusal: expect.objectContaining({ code }) });
const problem = (code: string): unknown => expect.objectContaining({ code });

const unknown = (): Promise<never> => Promise.reject(new OutcomeUnknownError('no answer'));
const writtenButUnknown: EventStore['append'] = async (...args) => {
  await processes.store.append(...args);
  return unknown();
};

test('no answer, and nothing was written: the same append is sent again', async () => {
  const id = await processes.newAccount();
  const seen: unknown[] = [];
  const lost: EventStore['append'] = (...args) => {
    seen.push(args);
    return unknown();
  };
  const noted: EventStore['append'] = (...args) => {
    seen.push(args);
    return processes.store.append(...args);
  };
  const { send } = processes.start(id, { store: withAppends(processes.store, lost, noted) });
  const { revision } = await send(placeBet('a'));
  expect(revision).toBe(2);
  expect(seen[0]).toEqual(seen[1]);
  expect(await processes.typesOf(id)).toHaveLength(3);
});

test('no answer, but it was written: it is found, and not sent again', async () => {
  const id = await processes.newAccount();
  const again = (): Promise<never> => Promise.reject(new Error('sent twice'));
  const { send } = processes.start(id, { store: withAppends(processes.store, writtenButUnknown, again) });
  const first = await send(placeBet('a'));
  expect(await processes.typesOf(id)).toHaveLength(3);
  expect(await processes.start(id).send(placeBet('a'))).toEqual(first);
});

test('no answer, and another process was faster: decided again on its events', async () => {
  const id = await processes.newAccount(600);
  const faster: EventStore['append'] = async () => {
    await processes.start(id).send(placeBet('faster'));
    return unknown();
  };
  const { send } = processes.start(id, { store: withAppends(processes.store, faster) });
  expect(await send(placeBet('a'))).toEqual(refused('INSUFFICIENT_FUNDS'));
});

test('no answer for too long is a 503; nothing was written, and the key is unused', async () => {
  const id = await processes.newAccount();
  const { send } = processes.start(id, { store: withAppends(processes.store, unknown, unknown, unknown) });
  await expect(send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
  expect(await processes.typesOf(id)).toHaveLength(2);
  expect((await send(placeBet('a', { requestHash: 'f'.repeat(64) }))).refusal).toBeUndefined();
});

test('no answer, and no look at the log either, is a 503; a repetition finds what was written', async () => {
  const id = await processes.newAccount();
  let reads = 0;
  const store = withFaults(withAppends(processes.store, writtenButUnknown), {
    readStream(...args) {
      reads += 1;
      return reads === 2 ? Promise.reject(new StoreUnavailableError('away')) : processes.store.readStream(...args);
    },
  });
  const { send } = processes.start(id, { store });
  await expect(send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
  expect((await send(placeBet('a'))).answer?.revision).toBe(2);
  expect(await processes.typesOf(id)).toHaveLength(3);
});

test('a store that says no is a 503, and leaves the key unused', async () => {
  const id = await processes.newAccount();
  const full: EventStore['append'] = () => Promise.reject(new StoreUnavailableError('disk full'));
  const { send } = processes.start(id, { store: withAppends(processes.store, full) });
  await expect(send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
  expect(await processes.typesOf(id)).toHaveLength(2);
  // The key was not used: another body may have it.
  expect((await send(placeBet('a', { requestHash: 'f'.repeat(64) }))).refusal).toBeUndefined();
  expect(await processes.typesOf(id)).toHaveLength(3);
});

test('a store that cannot be read is a 503 too', async () => {
  const id = await processes.newAccount();
  const store = withFaults(processes.store, { readStream: () => Promise.reject(new StoreUnavailableError('away')) });
  await expect(processes.start(id, { store }).send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
});

test('conflicts without end are a 503 after a bounded number of tries', async () => {
  const id = await processes.newAccount();
  let tries = 0;
  const store = withFaults(processes.store, {
    append(stream) {
      tries += 1;
      return processes.store.append(stream, 0, [{ id: randomUUID(), type: 'none', data: {}, metadata: {} }]);
    },
  });
  await expect(processes.start(id, { store, appendRetriesMax: 4 }).send(placeBet('a'))).rejects.toEqual(problem('CONTENTION'));
  expect(tries).toBe(5);
  expect(await processes.typesOf(id)).toHaveLength(2);
});
