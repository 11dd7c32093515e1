// The command handlers of the three aggregates, made once per process or thread.

import { isAccountEvent, type AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import { isFixtureEvent, type FixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import { isMarketEvent, type MarketEvent } from '@wagerline/shared-kernel/events/market-events';
import { accountStream, fixtureStream, marketStream } from '@wagerline/shared-kernel/values/ids';
import type { AccountCommand } from './account/commands.ts';
import { accountDecider, keyOf } from './account/decide.ts';
import { accountSnapshots } from './account/snapshot.ts';
import type { AccountState } from './account/state.ts';
import type { Aggregate } from './aggregate.ts';
import type { FixtureCommand } from './fixture/commands.ts';
import { fixtureDecider } from './fixture/decide.ts';
import type { CommandHandler, HandlerOptions, StateReader } from './command-handler.ts';
import { createHandler } from './handle-command.ts';
import type { MarketCommand } from './market/commands.ts';
import { marketDecider } from './market/decide.ts';

export type CommandHandlers = {
  readonly account: CommandHandler<AccountCommand, AccountEvent>;
  readonly accountStates: StateReader<AccountState>;
  readonly market: CommandHandler<MarketCommand, MarketEvent>;
  readonly fixture: CommandHandler<FixtureCommand, FixtureEvent>;
};

export const accountAggregate: Aggregate<AccountCommand, AccountState, AccountEvent> = {
  decider: accountDecider,
  streamOf: accountStream,
  isEvent: isAccountEvent,
  snapshots: accountSnapshots,
  answerKey: (command) => ('keyHash' in command ? { key: keyOf(command.keyHash), requestHash: command.requestHash } : undefined),
};

export function createHandlers(options: HandlerOptions): CommandHandlers {
  const account = createHandler(accountAggregate, options);
  return {
    account,
    accountStates: account,
    market: createHandler({ decider: marketDecider, streamOf: marketStream, isEvent: isMarketEvent }, options),
    fixture: createHandler({ decider: fixtureDecider, streamOf: fixtureStream, isEvent: isFixtureEvent }, options),
  };
}
