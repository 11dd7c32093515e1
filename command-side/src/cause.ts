// What a command says of the event that it follows from, so that a bet can be traced through all its events, and whose word that event was.

import { actor, type Actor } from '@wagerline/shared-kernel/events/metadata';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { Cause } from '@wagerline/shared-kernel/ports/settlement-index';

export function causeOf({ id, metadata: { correlationId, traceparent } }: RecordedEvent): Cause {
  return {
    causationId: id,
    correlationId: typeof correlationId === 'string' ? correlationId : id,
    traceparent: typeof traceparent === 'string' ? traceparent : '',
  };
}

export function actorIn(metadata: RecordedEvent['metadata']): Actor {
  const { data } = actor.safeParse(metadata['actor']);
  return data ?? { role: 'system', id: 'not-recorded' };
}
