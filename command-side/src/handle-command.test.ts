// The command handler on the real embedded event store: conflicts, batches, keys, cache and time.

import { randomUUID } from 'node:crypto';
import { accountStream, betIdOf } from '@wagerline/shared-kernel/values/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId as sampleAccountId, placeBet, settle, slipLeg, verdict } from './account/samples.ts';
import { withFaults } from './testing-faults.ts';
import { deposit, handle, openProcesses, startMs, type ProcessesUnderTest } from './testing-process.ts';

let processes: ProcessesUnderTest;
beforeAll(async () => {
  processes = await openProcesses();
});
afterAll(() => processes.close());

const refused = (code: string): unknown => expect.objectContaining({ refusal: expect.objectContaining({ code }) });

describe('two processes on one account', () => {
  test('a conflict loads the tail alone, and both commands succeed', async () => {
    const id = await processes.newAccount();
    const readFrom: unknown[] = [];
    const store = withFaults(processes.store, {
      readStream(stream, options) {
        readFrom.push(options?.fromRevision);
        return processes.store.readStream(stream, options);
      },
    });
    const [one, other] = [processes.start(id, { store }), processes.start(id)];
    await one.send(deposit('warm'));
    await other.send(deposit('a'));
    await other.send(deposit('b'));
    await one.send(placeBet('c', { unitStakeMinor: 13_000 }));
    expect(await processes.typesOf(id)).toEqual(['AccountOpened', ...Array.from({ length: 4 }, () => 'FundsDeposited'), 'BetPlaced']);
    expect(readFrom).toEqual([0, 3]);
  });

  test('what writes nothing is said of the newest state', async () => {
    const id = await processes.newAccount();
    const [one, other] = [processes.start(id), processes.start(id)];
    await one.send(deposit('a'));
    await other.send(placeBet('b'));
    // The first process has not seen the bet, and "no such bet" would be wrong.
    await one.send(settle('b', verdict('won')));
    expect((await processes.typesOf(id)).at(-1)).toBe('BetSettled');
  });

  test('the same key at both: one event, and the same answer', async () => {
    const id = await processes.newAccount();
    const [one, other] = [processes.start(id), processes.start(id)];
    const answers = await Promise.all([one.send(placeBet('a')), other.send(placeBet('a'))]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await processes.typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetPlaced']);
  });

  test('two decisions about one key at one moment: the one in the log is the answer of both', async () => {
    const id = await processes.newAccount();
    const [one, other] = [processes.start(id), processes.start(id)];
    const moved = { ...placeBet('a'), legs: [slipLeg('m1', { selection: { name: 'Liverpool', odds: '21/10' } })] };
    const answers = await Promise.all([one.send(placeBet('a')), other.send(moved)]);
    expect(answers[0]).toEqual(answers[1]);
    const [written] = (await processes.store.readStream(accountStream(id))).slice(2);
    expect(answers[0].answer?.event.type).toBe(written?.type);
  });
});

describe('commands that wait together', () => {
  test('are appended as one, and each has its own answer', async () => {
    const id = await processes.newAccount();
    const sizes: number[] = [];
    const store = withFaults(processes.store, {
      append(stream, expected, events) {
        sizes.push(events.length);
        return processes.store.append(stream, expected, events);
      },
    });
    const { send } = processes.start(id, { store });
    const together = ['a', 'b'].map((key) => send(placeBet(key)));
    await Promise.resolve();
    const meanwhile = ['c', 'd', 'e'].map((key) => send(placeBet(key)));
    const answers = await Promise.all([...together, ...meanwhile]);
    expect(sizes).toEqual([2, 3]);
    expect(answers.map((answer) => answer.revision)).toEqual([2, 3, 4, 5, 6]);
    expect(answers.map((answer) => answer.answer?.event)).toMatchObject(['a', 'b', 'c', 'd', 'e'].map((key) => ({ betId: betIdOf(sampleAccountId, key) })));
  });

  test('settle the bets that loading the account has read without reading them again', async () => {
    const id = await processes.newAccount();
    const bettor = processes.start(id);
    for (const key of ['a', 'b']) await bettor.send(placeBet(key));
    const store = withFaults(processes.store, { readAt: () => Promise.reject(new Error('read again')) });
    const settler = processes.start(id, { store });
    await Promise.all(['a', 'b'].map((key) => settler.send(settle(key, verdict('won')))));
    expect((await processes.typesOf(id)).slice(-2)).toEqual(['BetSettled', 'BetSettled']);
  });

  test('see what those before them have written', async () => {
    const id = await processes.newAccount(500);
    const { send } = processes.start(id);
    const [first, ...others] = await Promise.all([send(deposit('a', 1)), send(placeBet('b')), send(placeBet('c')), send(placeBet('b'))]);
    expect(first.refusal).toBeUndefined();
    expect(others[1]).toEqual(refused('INSUFFICIENT_FUNDS'));
    expect(others[2]).toEqual(others[0]);
    expect(await processes.typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'FundsDeposited', 'BetPlaced', 'BetRefused']);
  });

  test('an impossibility in one of them is not the failure of the others', async () => {
    const id = await processes.newAccount();
    const { send } = processes.start(id);
    const results = await Promise.allSettled([send(deposit('a')), send(placeBet('b')), send(placeBet('c', { ruleSet: 'none@1' })), send(placeBet('d'))]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await processes.typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'FundsDeposited', 'BetPlaced', 'BetPlaced']);
  });
});

describe('a key is answered once and for ever', () => {
  test('the same key and body: the recorded answer, whatever has happened since', async () => {
    const id = await processes.newAccount();
    const first = await processes.start(id).send(placeBet('a'));
    const later = processes.start(id);
    await later.send(settle('a', verdict('won')));
    expect(await later.send(placeBet('a', { oddsChangePolicy: 'any', legs: [slipLeg('m1', { status: 'closed' })] }))).toEqual(first);
    expect(await processes.typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetPlaced', 'BetSettled']);
  });

  test('a refusal too', async () => {
    const id = await processes.newAccount(499);
    const { send } = processes.start(id);
    const first = await send(placeBet('a'));
    expect(first).toEqual(refused('INSUFFICIENT_FUNDS'));
    await send(deposit('more'));
    const { answer } = await processes.start(id).send(placeBet('a'));
    expect(answer).toEqual(first.answer);
    expect(await processes.typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetRefused', 'FundsDeposited']);
  });

  test('another body under the same key is refused, and leaves no trace', async () => {
    const id = await processes.newAccount();
    const { send } = processes.start(id);
    await send(placeBet('a'));
    expect(await send(placeBet('a', { requestHash: 'f'.repeat(64) }))).toEqual(refused('IDEMPOTENCY_KEY_REUSED'));
    expect(await processes.typesOf(id)).toHaveLength(3);
  });
});

test('the cache forgets the account used longest ago, and what it forgot is read again', async () => {
  const reads: string[] = [];
  const store = withFaults(processes.store, {
    readStream(stream, options) {
      if (options?.fromRevision === 0) reads.push(stream);
      return processes.store.readStream(stream, options);
    },
  });
  const ids = await Promise.all([processes.newAccount(), processes.newAccount(), processes.newAccount()]);
  const { account } = processes.handlers({ ms: startMs }, [], { store, cacheEntriesMax: 2 });
  const use = (index: number, key: string): unknown => handle(account, ids[index] ?? '', deposit(key));
  for (const [step, index] of [0, 1, 0, 2, 0, 1].entries()) await use(index, `key ${step}`);
  expect(reads.map((stream) => ids.indexOf(stream.slice('account-'.length)))).toEqual([0, 1, 2, 1]);
});

test('time in a stream never goes back', async () => {
  const id = await processes.newAccount();
  const { send, clock } = processes.start(id);
  const atOf = async (): Promise<string | undefined> => (await send(deposit(randomUUID()))).answer?.event.at;
  clock.ms = startMs + 60_000;
  expect(await atOf()).toBe('2019-08-09T12:01:00.000Z');
  clock.ms = startMs;
  expect(await atOf()).toBe('2019-08-09T12:01:00.000Z');
  const slow = processes.start(id);
  slow.clock.ms = startMs - 60_000;
  expect((await slow.send(deposit('slow'))).answer?.event.at).toBe('2019-08-09T12:01:00.000Z');
});
