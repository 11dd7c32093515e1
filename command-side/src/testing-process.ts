// Command processes on one embedded event log, for tests of the handler: each has its own cache, as a process has.

import { randomUUID } from 'node:crypto';
import { openTemporaryLog } from '@wagerline/infra/testing/temporary-event-log';
import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { accountStream } from '@wagerline/shared-kernel/values/ids';
import type { AccountCommand } from './account/commands.ts';
import { accountId as sampleAccountId, moneyKey } from './account/samples.ts';
import type { Handled, HandlerOptions } from './command-handler.ts';
import { createHandlers, type CommandHandlers } from './handlers.ts';

export const startMs = Date.parse('2019-08-09T12:00:00.000Z');

export type Send = (command: AccountCommand) => Promise<Handled<AccountEvent>>;
export type Process = { readonly send: Send; readonly clock: { ms: number }; readonly snapshotFailures: unknown[] };
type ProcessOptions = { readonly store?: EventStore } & Partial<Omit<HandlerOptions, 'eventStore' | 'clock' | 'onSnapshotFailure'>>;

export type ProcessesUnderTest = {
  readonly store: EventStore;
  handlers(clock: { ms: number }, snapshotFailures: unknown[], options?: ProcessOptions): CommandHandlers;
  /** A new process that handles commands on this account. */
  start(accountId: string, options?: ProcessOptions): Process;
  /** An account with two events: opened, and this much deposited. */
  newAccount(amountMinor?: number): Promise<string>;
  typesOf(accountId: string): Promise<readonly string[]>;
  close(): Promise<void>;
};

export async function openProcesses(): Promise<ProcessesUnderTest> {
  const log = await openTemporaryLog();
  const handlers: ProcessesUnderTest['handlers'] = (clock, snapshotFailures, { store = log.store, ...options } = {}) => {
    return createHandlers({
      cacheEntriesMax: 10,
      snapshotEveryEvents: 1_000,
      appendRetriesMax: 2,
      ...options,
      eventStore: store,
      clock: { nowMs: () => clock.ms, monotonicMs: () => clock.ms },
      onSnapshotFailure: (error) => snapshotFailures.push(error),
    });
  };
  const start: ProcessesUnderTest['start'] = (accountId, options) => {
    const clock = { ms: startMs };
    const snapshotFailures: unknown[] = [];
    const { account } = handlers(clock, snapshotFailures, options);
    return { send: (command) => handle(account, accountId, command), clock, snapshotFailures };
  };
  return {
    store: log.store,
    handlers,
    start,
    async newAccount(amountMinor = 10_000) {
      const accountId = randomUUID();
      const { send } = start(accountId);
      await send({ type: 'OpenAccount', accountId, currency: 'GBP', brand: 'demo', jurisdiction: 'GB', at: '' });
      await send(deposit('first', amountMinor));
      return accountId;
    },
    typesOf: async (accountId) => (await log.store.readStream(accountStream(accountId))).map((event) => event.type),
    close: () => log.close(),
  };
}

/** As over HTTP, a command that has a key gets its id from it. */
export function handle(account: CommandHandlers['account'], accountId: string, command: AccountCommand): Promise<Handled<AccountEvent>> {
  const commandId = 'keyHash' in command ? command.keyHash : randomUUID();
  const actor = { role: 'bettor' as const, id: sampleAccountId };
  return account.handle(accountId, (at) => ({ ...command, at }), { commandId, causationId: commandId, correlationId: 'c', traceparent: 't', actor });
}

export function deposit(key: string, amountMinor = 1_000): AccountCommand {
  return { type: 'Deposit', amountMinor, amountMinorMax: 1_000_000, currency: 'GBP', ...moneyKey(key), at: '' };
}
