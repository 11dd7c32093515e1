// Commands that fail closed in time: whoever sent one is told 503 when the event store has not answered by then, and what has not been
// decided by then is never decided. Used by start.ts. An append that is on its way may still be written: its sender repeats it, and is
// given the answer of the first one.

import type { Route } from '@wagerline/infra/http';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import type { CommandHandler } from './command-handler.ts';
import type { CommandHandlers } from './handlers.ts';

/** The same route, whose handler has so long. What it still does afterwards is nobody's. */
export function answeredInTime(route: Route, msMax: number): Route {
  return {
    ...route,
    async handler(context) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new ProblemException('STORE_UNAVAILABLE', { detail: `no answer within ${msMax} ms` })), msMax);
      try {
        return await Promise.race([route.handler(context), late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Commands wait for the one before them on the same aggregate, which may hang: one that waited longer than its sender is not begun. */
export function begunInTime(handlers: CommandHandlers, clock: Clock, msMax: number): CommandHandlers {
  const { account, market, fixture, accountStates } = handlers;
  return { account: begun(account, clock, msMax), market: begun(market, clock, msMax), fixture: begun(fixture, clock, msMax), accountStates };
}

function begun<Command, Event>(handler: CommandHandler<Command, Event>, clock: Clock, msMax: number): CommandHandler<Command, Event> {
  return {
    handle(id, command, context) {
      const sentAtMs = clock.monotonicMs();
      const commandAt = (at: string): Command => {
        if (clock.monotonicMs() - sentAtMs > msMax) throw new ProblemException('STORE_UNAVAILABLE', { detail: 'too late to be begun' });
        return command(at);
      };
      return handler.handle(id, commandAt, context);
    },
  };
}
