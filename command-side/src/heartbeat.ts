// A sign of life in the log, so that a market view that hears nothing knows the difference between silence and a lost subscription.
// Outside the domain prefixes, never relayed, one event kept per process.

import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import { heartbeatStream } from '@wagerline/shared-kernel/values/ids';
import { pause as realPause, type Pause } from './persevere.ts';

export type HeartbeatOptions = {
  readonly eventStore: EventStore;
  readonly ids: Ids;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
  readonly pause?: Pause;
};

/** Beats at once and then every `intervalMs` until the signal aborts; a failed beat is reported and the next one follows. */
export async function beat(options: HeartbeatOptions): Promise<void> {
  const { eventStore, ids, intervalMs, signal, pause = realPause } = options;
  const stream = heartbeatStream(ids.random());
  while (!signal.aborted) {
    try {
      await eventStore.append(stream, 'any', [{ id: ids.random(), type: 'Heartbeat', data: {}, metadata: {} }], { maxCount: 1 });
    } catch (error) {
      options.onFailure(error);
    }
    await pause(intervalMs, signal);
  }
}
