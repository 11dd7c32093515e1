// Takes every domain event from the log to the bus, strictly in order, at least once. One per log; started by a part's main file.
// It never goes past a record that the bus has not acknowledged, and keeps nothing itself: the bus knows how far it has everything.

import type { Logger } from '@wagerline/infra/logger';
import type { EventBus } from '@wagerline/shared-kernel/ports/event-bus';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { pause as realPause, pauseMsAfter, type Pause } from '../persevere.ts';

export type RelayOptions = {
  readonly eventStore: Pick<EventStore, 'subscribeToAll'>;
  readonly bus: Pick<EventBus, 'publish' | 'publishedThrough'>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly pause?: Pause;
  /** Under load events gather for so long between two sends to the bus: few large ones cost far less than many small ones. Default 0. */
  readonly gatherMs?: number;
};

export type RelayStatus = {
  /** The bus has everything up to here; -1 until the bus has been asked. */
  readonly publishedThrough: number;
  /** Failures in a row; 0 while all is well. */
  readonly failures: number;
  readonly lastFailure: string | null;
};

export type Relay = { readonly done: Promise<void>; status(): RelayStatus };

/** A batch of so many events is load. */
const busyBatchEvents = 16;

/** `done` resolves after the signal has aborted; failures do not end it, they are repeated and seen in the status. */
export function startRelay({ eventStore, bus, signal, logger, pause = realPause, gatherMs = 0 }: RelayOptions): Relay {
  let status: RelayStatus = { publishedThrough: -1, failures: 0, lastFailure: null };

  /** From where the bus says it has everything: what was sent and not acknowledged is sent again. */
  async function relayOn(): Promise<void> {
    const after = await bus.publishedThrough();
    status = { ...status, publishedThrough: after };
    for await (const { events, position } of eventStore.subscribeToAll(after, { prefixes: domainPrefixes }, signal)) {
      if (position > status.publishedThrough) await bus.publish(events, position);
      status = { ...status, publishedThrough: position, failures: 0 };
      if (gatherMs > 0 && events.length >= busyBatchEvents) await pause(gatherMs, signal);
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await relayOn();
      } catch (error) {
        const failures = status.failures + 1;
        status = { ...status, failures, lastFailure: error instanceof Error ? error.message : String(error) };
        logger.error({ err: error, failures }, 'the relay could not publish');
        await pause(pauseMsAfter(failures), signal);
      }
    }
  }

  return { done: run(), status: () => status };
}
