// The command handler against the real embedded event store, alone and with a store that fails on purpose.

import { randomUUID } from 'node:crypto';
import { openTemporaryLog, type TemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { CommandContext } from '@wagerline/shared-kernel/events/metadata';
import { OutcomeUnknownError, StoreUnavailableError, type EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { accountStream, betIdOf } from '@wagerline/shared-kernel/values/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountCommand } from './account/commands.ts';
import { accountId as sampleAccountId, moneyKey, placeBet, settle, slipLeg, verdict } from './account/samples.ts';
import type { Handled } from './command-handler.ts';
import { createHandlers } from './handlers.ts';
import { withAppends, withFaults } from './testing-faults.ts';

const startMs = Date.parse('2019-08-09T12:00:00.000Z');
const context: CommandContext = {
  commandId: 'any',
  causationId: 'any',
  correlationId: 'c',
  traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
  actor: { role: 'bettor', id: sampleAccountId },
};

let log: TemporaryLog;
beforeAll(async () => {
  log = await openTemporaryLog();
});
afterAll(() => log.close());

type Send = (command: AccountCommand, commandId?: string) => Promise<Handled<AccountEvent>>;
type Process = { readonly send: Send; readonly clock: { ms: number }; readonly snapshotFailures: unknown[] };

/** One command process: its own cache on the shared log. Commands get their id from their key, as over HTTP. */
function startProcess(id: string, options: { store?: EventStore; cacheEntriesMax?: number; appendRetriesMax?: number } = {}): Process {
  const { store = log.store, cacheEntriesMax = 10, appendRetriesMax = 2 } = options;
  const clock = { ms: startMs };
  const snapshotFailures: unknown[] = [];
  const { account } = createHandlers({
    eventStore: store,
    clock: { nowMs: () => clock.ms, monotonicMs: () => clock.ms },
    cacheEntriesMax,
    snapshotEveryEvents: 1_000,
    appendRetriesMax,
    onSnapshotFailure: (error) => snapshotFailures.push(error),
  });
  const send: Send = (command, commandId) => {
    const derived = 'keyHash' in command ? command.keyHash : randomUUID();
    return account.handle(id, (at) => ({ ...command, at }), { ...context, commandId: commandId ?? derived });
  };
  return { send, clock, snapshotFailures };
}

const at = '';
const openAccount = (accountId: string): AccountCommand => ({ type: 'OpenAccount', accountId, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at });
const deposit = (key: string, amountMinor = 1_000): AccountCommand => {
  return { type: 'Deposit', amountMinor, amountMinorMax: 1_000_000, currency: 'GBP', ...moneyKey(key), at };
};

async function newAccount(amountMinor = 10_000): Promise<string> {
  const id = randomUUID();
  const { send } = startProcess(id);
  await send(openAccount(id));
  await send(deposit('first', amountMinor));
  return id;
}

const typesOf = async (id: string): Promise<readonly string[]> => (await log.store.readStream(accountStream(id))).map((event) => event.type);
const refused = (code: string): unknown => expect.objectContaining({ refusal: expect.objectContaining({ code }) });
const problem = (code: string): unknown => expect.objectContaining({ code });

describe('two processes on one account', () => {
  test('a conflict loads the tail, and both commands succeed', async () => {
    const id = await newAccount();
    const [one, other] = [startProcess(id), startProcess(id)];
    await Promise.all([one.send(deposit('a')), other.send(deposit('b'))]);
    await one.send(placeBet('c', { unitStakeMinor: 12_000 }));
    expect(await typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'FundsDeposited', 'FundsDeposited', 'BetPlaced']);
  });

  test('what writes nothing is said of the newest state', async () => {
    const id = await newAccount();
    const [one, other] = [startProcess(id), startProcess(id)];
    await one.send(deposit('a'));
    await other.send(placeBet('b'));
    // The first process has not seen the bet, and "no such bet" would be wrong.
    await one.send(settle('b', verdict('won')));
    expect((await typesOf(id)).at(-1)).toBe('BetSettled');
  });

  test('the same key at both: one event, and the same answer', async () => {
    const id = await newAccount();
    const [one, other] = [startProcess(id), startProcess(id)];
    const answers = await Promise.all([one.send(placeBet('a')), other.send(placeBet('a'))]);
    expect(answers[0]).toEqual(answers[1]);
    expect(await typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetPlaced']);
  });

  test('two decisions about one key at one moment: the one in the log is the answer of both', async () => {
    const id = await newAccount();
    const [one, other] = [startProcess(id), startProcess(id)];
    const moved = { ...placeBet('a'), legs: [slipLeg('m1', { selection: { name: 'Liverpool', odds: '21/10' } })] };
    const answers = await Promise.all([one.send(placeBet('a')), other.send(moved)]);
    expect(answers[0]).toEqual(answers[1]);
    const [written] = (await log.store.readStream(accountStream(id))).slice(2);
    expect(answers[0].answer?.event.type).toBe(written?.type);
  });
});

describe('commands that wait together', () => {
  test('are appended as one, and each has its own answer', async () => {
    const id = await newAccount();
    const sizes: number[] = [];
    const store = withFaults(log.store, {
      append(stream, expected, events) {
        sizes.push(events.length);
        return log.store.append(stream, expected, events);
      },
    });
    const { send } = startProcess(id, { store });
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => send(placeBet(key))));
    expect(sizes).toEqual([1, 4]);
    expect(answers.map((answer) => answer.revision)).toEqual([2, 3, 4, 5, 6]);
    expect(answers.map((answer) => answer.answer?.event)).toMatchObject(['a', 'b', 'c', 'd', 'e'].map((key) => ({ betId: betIdOf(sampleAccountId, key) })));
  });

  test('see what those before them have written', async () => {
    const id = await newAccount(500);
    const { send } = startProcess(id);
    const [first, ...others] = await Promise.all([send(deposit('a', 1)), send(placeBet('b')), send(placeBet('c')), send(placeBet('b'))]);
    expect(first.refusal).toBeUndefined();
    expect(others[1]).toEqual(refused('INSUFFICIENT_FUNDS'));
    expect(others[2]).toEqual(others[0]);
    expect(await typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'FundsDeposited', 'BetPlaced', 'BetRefused']);
  });

  test('an impossibility in one of them is not the failure of the others', async () => {
    const id = await newAccount();
    const { send } = startProcess(id);
    const results = await Promise.allSettled([send(deposit('a')), send(placeBet('b')), send(placeBet('c', { ruleSet: 'none@1' })), send(placeBet('d'))]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'FundsDeposited', 'BetPlaced', 'BetPlaced']);
  });
});

describe('a key is answered once and for ever', () => {
  test('the same key and body: the recorded answer, whatever has happened since', async () => {
    const id = await newAccount();
    const first = await startProcess(id).send(placeBet('a'));
    const later = startProcess(id);
    await later.send(settle('a', verdict('won')));
    expect(await later.send(placeBet('a', { oddsChangePolicy: 'any', legs: [slipLeg('m1', { status: 'closed' })] }))).toEqual(first);
    expect(await typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetPlaced', 'BetSettled']);
  });

  test('a refusal too', async () => {
    const id = await newAccount(499);
    const { send } = startProcess(id);
    const first = await send(placeBet('a'));
    expect(first).toEqual(refused('INSUFFICIENT_FUNDS'));
    await send(deposit('more'));
    const { answer } = await startProcess(id).send(placeBet('a'));
    expect(answer).toEqual(first.answer);
    expect(await typesOf(id)).toEqual(['AccountOpened', 'FundsDeposited', 'BetRefused', 'FundsDeposited']);
  });

  test('another body under the same key is refused, and leaves no trace', async () => {
    const id = await newAccount();
    const { send } = startProcess(id);
    await send(placeBet('a'));
    expect(await send(placeBet('a', { requestHash: 'f'.repeat(64) }))).toEqual(refused('IDEMPOTENCY_KEY_REUSED'));
    expect(await typesOf(id)).toHaveLength(3);
  });
});

describe('a store that fails', () => {
  const unknown = (): Promise<never> => Promise.reject(new OutcomeUnknownError('no answer'));
  const writtenButUnknown: EventStore['append'] = async (...args) => {
    await log.store.append(...args);
    return unknown();
  };

  test('no answer, and nothing was written: the same append is sent again', async () => {
    const id = await newAccount();
    const seen: unknown[] = [];
    const lost: EventStore['append'] = (...args) => {
      seen.push(args);
      return unknown();
    };
    const noted: EventStore['append'] = (...args) => {
      seen.push(args);
      return log.store.append(...args);
    };
    const { send } = startProcess(id, { store: withAppends(log.store, lost, noted) });
    const { revision } = await send(placeBet('a'));
    expect(revision).toBe(2);
    expect(seen[0]).toEqual(seen[1]);
    expect(await typesOf(id)).toHaveLength(3);
  });

  test('no answer, but it was written: it is found, and not sent again', async () => {
    const id = await newAccount();
    const { send } = startProcess(id, { store: withAppends(log.store, writtenButUnknown, () => Promise.reject(new Error('sent twice'))), appendRetriesMax: 2 });
    const first = await send(placeBet('a'));
    expect(await typesOf(id)).toHaveLength(3);
    expect(await startProcess(id).send(placeBet('a'))).toEqual(first);
  });

  test('no answer, and another process was faster: decided again on its events', async () => {
    const id = await newAccount(600);
    const faster: EventStore['append'] = async () => {
      await startProcess(id).send(placeBet('faster'));
      return unknown();
    };
    const { send } = startProcess(id, { store: withAppends(log.store, faster) });
    expect(await send(placeBet('a'))).toEqual(refused('INSUFFICIENT_FUNDS'));
  });

  test('no answer for too long is a 503; nothing was written, and the key is unused', async () => {
    const id = await newAccount();
    const { send } = startProcess(id, { store: withAppends(log.store, unknown, unknown, unknown) });
    await expect(send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
    expect(await typesOf(id)).toHaveLength(2);
    expect((await send(placeBet('a', { requestHash: 'f'.repeat(64) }))).refusal).toBeUndefined();
  });

  test('no answer, and no look at the log either, is a 503; a repetition finds what was written', async () => {
    const id = await newAccount();
    let reads = 0;
    const store = withFaults(withAppends(log.store, writtenButUnknown), {
      readStream(...args) {
        reads += 1;
        return reads === 2 ? Promise.reject(new StoreUnavailableError('away')) : log.store.readStream(...args);
      },
    });
    const { send } = startProcess(id, { store });
    await expect(send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
    expect((await send(placeBet('a'))).answer?.revision).toBe(2);
    expect(await typesOf(id)).toHaveLength(3);
  });

  test('a store that says no is a 503, and leaves the key unused', async () => {
    const id = await newAccount();
    const full: EventStore['append'] = () => Promise.reject(new StoreUnavailableError('disk full'));
    const { send } = startProcess(id, { store: withAppends(log.store, full) });
    await expect(send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
    expect(await typesOf(id)).toHaveLength(2);
    // The key was not used: another body may have it.
    expect((await send(placeBet('a', { requestHash: 'f'.repeat(64) }))).refusal).toBeUndefined();
    expect(await typesOf(id)).toHaveLength(3);
  });

  test('a store that cannot be read is a 503 too', async () => {
    const id = await newAccount();
    const store = withFaults(log.store, { readStream: () => Promise.reject(new StoreUnavailableError('away')) });
    await expect(startProcess(id, { store }).send(placeBet('a'))).rejects.toEqual(problem('STORE_UNAVAILABLE'));
  });

  test('conflicts without end are a 503 after a bounded number of tries', async () => {
    const id = await newAccount();
    let tries = 0;
    const store = withFaults(log.store, {
      append(stream) {
        tries += 1;
        return log.store.append(stream, 0, [{ id: randomUUID(), type: 'none', data: {}, metadata: {} }]);
      },
    });
    await expect(startProcess(id, { store, appendRetriesMax: 4 }).send(placeBet('a'))).rejects.toEqual(problem('CONTENTION'));
    expect(tries).toBe(5);
    expect(await typesOf(id)).toHaveLength(2);
  });
});

test('the cache forgets the account used longest ago, and what it forgot is read again', async () => {
  const reads: string[] = [];
  const store = withFaults(log.store, {
    readStream(stream, options) {
      if (options?.fromRevision === 0) reads.push(stream);
      return log.store.readStream(stream, options);
    },
  });
  const ids = await Promise.all([newAccount(), newAccount(), newAccount()]);
  const { account } = createHandlers({
    eventStore: store,
    clock: { nowMs: () => startMs, monotonicMs: () => 0 },
    cacheEntriesMax: 2,
    snapshotEveryEvents: 1_000,
    appendRetriesMax: 2,
    onSnapshotFailure: () => undefined,
  });
  const use = (index: number, key: string): unknown => {
    const command = deposit(key);
    return account.handle(ids[index] ?? '', (when) => ({ ...command, at: when }), { ...context, commandId: key });
  };
  for (const [step, index] of [0, 1, 0, 2, 0, 1].entries()) await use(index, `key ${step}`);
  expect(reads.map((stream) => ids.indexOf(stream.slice('account-'.length)))).toEqual([0, 1, 2, 1]);
});

test('time in a stream never goes back', async () => {
  const id = await newAccount();
  const { send, clock } = startProcess(id);
  const atOf = async (): Promise<string | undefined> => (await send(deposit(randomUUID()))).answer?.event.at;
  clock.ms = startMs + 60_000;
  expect(await atOf()).toBe('2019-08-09T12:01:00.000Z');
  clock.ms = startMs;
  expect(await atOf()).toBe('2019-08-09T12:01:00.000Z');
  const slow = startProcess(id);
  slow.clock.ms = startMs - 60_000;
  expect((await slow.send(deposit('slow'))).answer?.event.at).toBe('2019-08-09T12:01:00.000Z');
});
