// An event as it lies in the log: its texts are parsed when they are first looked at. Made by embedded-reads.ts from a row.

import type { RecordedEvent, SharedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { int, text, type Row } from './embedded-schema.ts';

/** The columns of a row, in this order; a statement may ask for others behind them. */
export const columns = 'position, stream, revision, id, type, data, metadata';

/** As codec.ts writes it: what every reader needs of the metadata comes first. */
const headOfMetadata = /^\{"schemaVersion":(\d{1,9}),"at":"([^"\\]*)"/;

export class LoggedEvent implements SharedEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  declare readonly data: JsonObject;
  declare readonly metadata: JsonObject;
  #data: unknown;
  #metadata: unknown;
  #made: { readonly make: unknown; readonly made: unknown } | undefined;

  constructor(row: Row) {
    this.position = int(row[0]);
    this.stream = text(row[1]);
    this.revision = int(row[2]);
    this.id = text(row[3]);
    this.type = text(row[4]);
    this.#data = row[5];
    this.#metadata = row[6];
    Object.defineProperty(this, 'data', LoggedEvent.#dataProperty);
    Object.defineProperty(this, 'metadata', LoggedEvent.#metadataProperty);
  }

  /** Without the rest of the metadata, which most readers never look at: parsing it costs a fifth of reading the event. */
  get head(): JsonObject {
    const found = typeof this.#metadata === 'string' ? headOfMetadata.exec(this.#metadata) : null;
    return found === null ? this.metadata : { schemaVersion: Number(found[1]), at: found[2] ?? '' };
  }

  once<Made>(make: (recorded: RecordedEvent) => Made): Made {
    if (this.#made?.make !== make) this.#made = { make, made: make(this) };
    return this.#made.made as Made;
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
  return text(row[5]).length + text(row[6]).length;
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
