// An event as it lies in the log: its texts are parsed when they are first looked at. Made by embedded-reads.ts from a row.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { int, text, type Row } from './embedded-schema.ts';

/** The columns of a row, in this order. */
export const columns = 'position, stream, revision, previous, kind, id, type, data, metadata';

export class LoggedEvent implements RecordedEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  declare readonly data: JsonObject;
  declare readonly metadata: JsonObject;
  #data: unknown;
  #metadata: unknown;

  constructor(row: Row) {
    this.position = int(row[0]);
    this.stream = text(row[1]);
    this.revision = int(row[2]);
    this.id = text(row[5]);
    this.type = text(row[6]);
    this.#data = row[7];
    this.#metadata = row[8];
    Object.defineProperty(this, 'data', LoggedEvent.#dataProperty);
    Object.defineProperty(this, 'metadata', LoggedEvent.#metadataProperty);
  }

  /** Own properties, so that an event can be spread, compared and sent like any plain object. One getter for all events: that is what makes them cheap. */
  static readonly #dataProperty = {
    enumerable: true,
    get(this: LoggedEvent): JsonObject {
      return (this.#data = parsed(this.#data));
    },
  };

  static readonly #metadataProperty = {
    enumerable: true,
    get(this: LoggedEvent): JsonObject {
      return (this.#metadata = parsed(this.#metadata));
    },
  };
}

/** How much text of an event a row holds. */
export function bytesOf(row: Row): number {
  return text(row[7]).length + text(row[8]).length;
}

function parsed(value: unknown): JsonObject {
  return isObject(value) ? value : parseObject(text(value));
}

export function parseObject(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  assert(isObject(value), 'the log holds a JSON object here');
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
