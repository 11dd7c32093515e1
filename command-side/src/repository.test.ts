// Snapshots and key segments: they save time and change nothing, whatever becomes of them. On the real embedded event store.

import { randomUUID } from 'node:crypto';
import { openTemporaryLog, type TemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import { fold } from '@wagerline/shared-kernel/decider';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { isAccountEvent, type AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { accountStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountCommand } from './account/commands.ts';
import { accountDecider } from './account/decide.ts';
import { accountSnapshots } from './account/snapshot.ts';
import type { AccountState } from './account/state.ts';
import { accountId as sampleAccountId, moneyKey, placeBet, settle, verdict } from './account/samples.ts';
import { accountAggregate, createHandlers } from './handlers.ts';
import { LostSegmentError } from './key-index.ts';
import { Repository } from './repository.ts';
import { withFaults, withSnapshotsIn } from './testing-faults.ts';

const at = '2019-08-09T12:00:00.000Z';
const keyIndex = { chunkEntriesMax: 8, mergeFactor: 3, cacheBytesMax: 64 };

let log: TemporaryLog;
beforeAll(async () => {
  log = await openTemporaryLog();
});
afterAll(() => log.close());

type Send = (command: AccountCommand) => Promise<unknown>;

/** A new process with small segments, merged often, hardly cached, and a snapshot every 7 events. */
function startProcess(id: string, store: EventStore): { send: Send; failures: unknown[] } {
  const failures: unknown[] = [];
  const { account } = createHandlers({
    eventStore: store,
    clock: { nowMs: () => Date.parse(at), monotonicMs: () => 0 },
    cacheEntriesMax: 10,
    snapshotEveryEvents: 7,
    appendRetriesMax: 2,
    onSnapshotFailure: (error) => failures.push(error),
    keyIndex,
  });
  const context = { causationId: 'c', correlationId: 'c', traceparent: 't', actor: { role: 'bettor' as const, id: sampleAccountId } };
  const send: Send = async (command) => {
    const commandId = 'keyHash' in command ? command.keyHash : randomUUID();
    const { stream: _, ...answer } = await account.handle(id, (when) => ({ ...command, at: when }), { ...context, commandId });
    return answer;
  };
  return { send, failures };
}

const deposit = (key: number): AccountCommand => {
  return { type: 'Deposit', amountMinor: 1, amountMinorMax: 1, currency: 'GBP', ...moneyKey(`${key}`), at };
};

const bets = Array.from({ length: 60 }, (_, index) => `bet ${index}`);
const stake = { unitStakeMinor: 10 };

/** An account with 60 bets, two of three settled: 102 events, in segments of three sizes. Answers what each bet was answered. */
async function oldAccount(records: Map<string, JsonObject>): Promise<{ id: string; answers: Map<string, unknown> }> {
  const id = randomUUID();
  const { send, failures } = startProcess(id, withSnapshotsIn(log.store, records));
  await send({ type: 'OpenAccount', accountId: id, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at });
  await send({ type: 'Deposit', amountMinor: 100_000, amountMinorMax: 100_000, currency: 'GBP', ...moneyKey('deposit'), at });
  const answers = new Map<string, unknown>();
  for (const [index, key] of bets.entries()) {
    answers.set(key, await send(placeBet(key, stake)));
    if (index % 3 !== 0) await send(settle(key, verdict(index % 3 === 1 ? 'won' : 'lost')));
  }
  expect(failures).toEqual([]);
  return { id, answers };
}

async function expectSameAnswers(send: Send, answers: ReadonlyMap<string, unknown>): Promise<void> {
  for (const [key, answer] of answers) expect(await send(placeBet(key, stake))).toEqual(answer);
}

function repositoryOn(eventStore: EventStore, version = accountSnapshots.version): Repository<AccountCommand, AccountState, AccountEvent> {
  const aggregate = { ...accountAggregate, snapshots: { ...accountSnapshots, version } };
  return new Repository(aggregate, { eventStore, snapshotEveryEvents: 7, keyIndex, onSnapshotFailure: () => undefined });
}

async function foldedFromZero(id: string): Promise<unknown> {
  const events = (await log.store.readStream(accountStream(id))).map(decode).filter(isAccountEvent);
  return fold(accountDecider, events);
}

test('a snapshot and the events after it give the state that all events give', async () => {
  const records = new Map<string, JsonObject>();
  const { id } = await oldAccount(records);
  const loaded = await repositoryOn(withSnapshotsIn(log.store, records)).load(accountStream(id));
  expect(loaded.sealedRevision).toBeGreaterThan(90);
  expect(loaded.segments.map((segment) => segment.level)).toContain(2);
  expect(loaded.state).toEqual(await foldedFromZero(id));
});

test('the newest state is what is known and what others have appended since; nothing is kept or written', async () => {
  const records = new Map<string, JsonObject>();
  const { id } = await oldAccount(records);
  const repository = repositoryOn(withSnapshotsIn(log.store, records));
  const loaded = await repository.load(accountStream(id));
  const [revision, before] = [loaded.revision, JSON.stringify([...records])];
  await startProcess(id, log.store).send(placeBet('by another process', stake));
  const expected = { state: await foldedFromZero(id), lastAt: at };
  expect(await repository.newest(accountStream(id), loaded)).toEqual(expected);
  expect(await repository.newest(accountStream(id), undefined)).toEqual(expected);
  expect([loaded.revision, JSON.stringify([...records])]).toEqual([revision, before]);
  expect(await repository.newest(accountStream(randomUUID()), undefined)).toEqual({ state: accountDecider.initial, lastAt: '' });
});

test('only the events after the snapshot are read', async () => {
  const records = new Map<string, JsonObject>();
  const { id } = await oldAccount(records);
  const from: unknown[] = [];
  const store = withFaults(withSnapshotsIn(log.store, records), {
    readStream(stream, options) {
      from.push(options?.fromRevision);
      return log.store.readStream(stream, options);
    },
  });
  await startProcess(id, store).send(placeBet('new', stake));
  expect(from).toEqual([Number(records.get(accountStream(id))?.['revision']) + 1]);
});

test('keys answered long ago are found through the segments, and bets of long ago are settled', async () => {
  const records = new Map<string, JsonObject>();
  const { id, answers } = await oldAccount(records);
  const { send } = startProcess(id, withSnapshotsIn(log.store, records));
  await expectSameAnswers(send, answers);
  expect(await send(placeBet('bet 0', { ...stake, requestHash: 'f'.repeat(64) }))).toMatchObject({ refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  expect(await send(settle('bet 0', verdict('won')))).toMatchObject({ answer: { event: { type: 'BetSettled', settlement: 1 } } });
  expect(await send(settle('bet 1', verdict('lost', 9)))).toMatchObject({ answer: { event: { type: 'BetSettlementReversed', settlement: 1 } } });
});

test('without any snapshot everything is as before', async () => {
  const records = new Map<string, JsonObject>();
  const { id, answers } = await oldAccount(records);
  records.clear();
  const { send, failures } = startProcess(id, withSnapshotsIn(log.store, records));
  await expectSameAnswers(send, answers);
  expect(failures).toEqual([]);
  expect(records.get(accountStream(id))).toBeDefined();
});

test('a snapshot of another version is ignored', async () => {
  const records = new Map<string, JsonObject>();
  const { id } = await oldAccount(records);
  const snapshot = records.get(accountStream(id));
  records.set(accountStream(id), { ...snapshot, state: {}, version: 'older' });
  const loaded = await repositoryOn(withSnapshotsIn(log.store, records)).load(accountStream(id));
  expect(loaded.state).toEqual(await foldedFromZero(id));
  // And this version is ignored by the next one.
  const readOnly = withFaults(withSnapshotsIn(log.store, records), { writeSnapshot: () => Promise.resolve() });
  const next = await repositoryOn(readOnly, 'next').load(accountStream(id));
  expect(next.state).toEqual(loaded.state);
});

test('a damaged snapshot is told, and as good as none', async () => {
  const records = new Map<string, JsonObject>();
  const { id, answers } = await oldAccount(records);
  records.set(accountStream(id), { ...records.get(accountStream(id)), state: { balanceMinor: 'much' } });
  const { send, failures } = startProcess(id, withSnapshotsIn(log.store, records));
  await expectSameAnswers(send, answers);
  expect(failures).toHaveLength(1);
});

test.each([
  ['missing', undefined],
  ['cut short', { hashes: '', positions: '' }],
  ['of another shape', { hashes: 'AAAAAAAA8D8=', positions: 7 }],
])('key segments that are %s are made again from the log', async (_, damage) => {
  const records = new Map<string, JsonObject>();
  const { id, answers } = await oldAccount(records);
  const damageAll = (): void => {
    for (const name of [...records.keys()].filter((key) => key.startsWith('keys.'))) {
      if (damage === undefined) records.delete(name);
      else records.set(name, damage);
    }
  };
  damageAll();
  const { send, failures } = startProcess(id, withSnapshotsIn(log.store, records));
  await expectSameAnswers(send, answers);
  expect(failures).toEqual([expect.any(LostSegmentError)]);
  // In the middle of its life, too: first a look-up meets the damage, then a merge does.
  damageAll();
  await expectSameAnswers(send, answers);
  damageAll();
  for (let index = 0; index < 30; index += 1) await send(placeBet(`late ${index}`, stake));
  await expectSameAnswers(send, answers);
  const loaded = await repositoryOn(withSnapshotsIn(log.store, records)).load(accountStream(id));
  expect(loaded.sealedRevision).toBeGreaterThan(120);
  expect(loaded.state).toEqual(await foldedFromZero(id));
});

test('an account lives on when snapshots cannot be written', async () => {
  const records = new Map<string, JsonObject>();
  const full = withFaults(withSnapshotsIn(log.store, records), { writeSnapshot: () => Promise.reject(new Error('full')) });
  const id = randomUUID();
  const { send, failures } = startProcess(id, full);
  await send({ type: 'OpenAccount', accountId: id, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at });
  for (let key = 0; key < 20; key += 1) await send(deposit(key));
  expect(await send(deposit(0))).toMatchObject({ revision: 1 });
  // One try for every 7 events, not one per event.
  expect(failures).toHaveLength(3);
});

test('two processes that save at different moments lose no key', async () => {
  const records = new Map<string, JsonObject>();
  const id = randomUUID();
  const [one, other] = [startProcess(id, withSnapshotsIn(log.store, records)), startProcess(id, withSnapshotsIn(log.store, records))];
  await one.send({ type: 'OpenAccount', accountId: id, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at });
  const answers: unknown[] = [];
  for (let key = 0; key < 80; ) {
    // In turns, and in batches of one to five.
    const keys = Array.from({ length: 1 + ((key * 7) % 5) }, (_, index) => key + index);
    answers.push(...(await Promise.all(keys.map((each) => (key % 3 === 0 ? one : other).send(deposit(each))))));
    key += keys.length;
  }
  const third = startProcess(id, withSnapshotsIn(log.store, records));
  for (const [key, answer] of answers.entries()) {
    for (const { send } of [third, one, other]) expect(await send(deposit(key))).toEqual(answer);
  }
  expect([...third.failures, ...one.failures, ...other.failures]).toEqual([]);
});

test('two keys with the same 48 bits are told apart by their events', async () => {
  const id = randomUUID();
  const records = new Map<string, JsonObject>();
  const { send } = startProcess(id, withSnapshotsIn(log.store, records));
  await send({ type: 'OpenAccount', accountId: id, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at });
  const collide = (last: number): AccountCommand => {
    const keyHash = 'ab'.repeat(31) + last.toString(16).padStart(2, '0');
    return { type: 'Deposit', amountMinor: last + 1, amountMinorMax: 1_000, currency: 'GBP', keyHash, requestHash: keyHash, at };
  };
  // The same 48 bits in the tail, in one segment, and in several; more of them than a chunk has entries.
  const answers: unknown[] = [];
  for (let last = 0; last < 40; last += 1) answers.push(await send(collide(last)));
  expect(answers).toEqual(answers.map((_, last) => expect.objectContaining({ revision: last + 1, refusal: undefined })));
  const later = startProcess(id, withSnapshotsIn(log.store, records));
  for (const [last, answer] of answers.entries()) {
    expect(await send(collide(last))).toEqual(answer);
    expect(await later.send(collide(last))).toEqual(answer);
  }
  expect(await later.send(collide(200))).toMatchObject({ revision: 41, refusal: undefined });
});
