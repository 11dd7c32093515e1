// The one way of a domain event into and out of the event store. The domain knows the newest schema only.

import type { NewEvent, RecordedEvent, SharedEvent } from '../ports/event-store.ts';
import { eventIdOf } from '../values/ids.ts';
import type { JsonObject } from '../values/json.ts';
import { catalogue, type DomainEvent } from './catalogue.ts';
import type { CommandContext } from './metadata.ts';
import { upcasters } from './upcasters.ts';

/** A reader meets a type or version that it does not know: it parks the key, it never skips the event. */
export class UnknownEventError extends Error {
  override name = 'UnknownEventError';
}

const versions: ReadonlyMap<string, number> = new Map([...catalogue].map(([type, definition]) => [type, definition.version]));

/**
 * The id is derived from the command, the decision about it and the index: the same append sent again is stored once. Two processes may
 * decide differently about one command at the same moment; `decision` keeps the store from taking one's events for the other's.
 */
export function encode(event: DomainEvent, context: CommandContext, index: number, decision = ''): NewEvent {
  const { type, at, ...data } = event;
  const schemaVersion = versions.get(type) ?? 0;
  const id = eventIdOf(`${context.commandId}/${decision}`, index);
  // Member by member: a spread behind other members copies by name at run time, for every event.
  const { commandId, causationId, correlationId, traceparent, actor } = context;
  return { id, type, data, metadata: { schemaVersion, at, commandId, causationId, correlationId, traceparent, actor } };
}

const decodeNew = decoderOf(versions, upcasters);

/** @throws UnknownEventError for a type or schema version that this reader does not know. */
export function decode(recorded: RecordedEvent): DomainEvent {
  return isShared(recorded) ? recorded.once(decodeNew) : decodeNew(recorded);
}

function isShared(recorded: RecordedEvent): recorded is SharedEvent {
  return 'once' in recorded;
}

/** A decoder that knows each type up to its version here, and the steps that lead there. */
export function decoderOf(newestVersions: ReadonlyMap<string, number>, steps: typeof upcasters): (recorded: RecordedEvent) => DomainEvent {
  return (recorded) => {
    const newest = newestVersions.get(recorded.type);
    const { schemaVersion, at } = recorded.head ?? recorded.metadata;
    if (newest === undefined || typeof schemaVersion !== 'number' || schemaVersion > newest) {
      throw new UnknownEventError(`${recorded.type} version ${String(schemaVersion)} at ${recorded.stream}@${recorded.revision}`);
    }
    let payload: JsonObject = recorded.data;
    for (let version = schemaVersion; version < newest; version += 1) {
      const upcast = steps.get(`${recorded.type}@${version}`);
      if (upcast === undefined) throw new UnknownEventError(`${recorded.type} version ${version} has no upcaster`);
      payload = upcast(payload);
    }
    return trusted({ ...payload, type: recorded.type, at: at ?? '' });
  };
}

/** What encode wrote is an event of the catalogue; checking each one again on every read would cost more than the read. */
function trusted(event: JsonObject): DomainEvent {
  return event as DomainEvent;
}
