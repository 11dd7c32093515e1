// A batch folded in memory: every document is read once before and written once after, however many events touch it.
// Called by generation-writer.ts. Touches no store; an event that cannot be applied parks its key and leaves no trace.

import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { decode } from '@wagerline/shared-kernel/events/codec';
import type { ParkedKey, Watermark } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { DocumentKey, Projection } from './projection.ts';
import type { KeyedEvent } from './projector.ts';

/** `version` -1: not there yet. */
export type WorkingDocument = { readonly key: DocumentKey; version: number; document: JsonObject | undefined; isChanged: boolean };
export type Progress = { readonly revision: number; readonly values: JsonObject };

/** An event, decoded, with the documents that it touches; or why that could not be found out. */
export type Step = KeyedEvent & {
  /** The stream under which the key is parked. */
  readonly parkedAs: string;
  readonly decoded: { readonly event: DomainEvent; readonly documents: readonly DocumentKey[] } | { readonly failure: unknown };
  /** One for each of the documents, shared by all steps of a batch that touch it. Empty until they are loaded. */
  working: readonly WorkingDocument[];
};

export type Folded = { readonly watermarks: readonly Watermark[]; readonly parked: readonly ParkedKey[]; readonly appliedCount: number };

const reasonLengthMax = 500;
const nothing: JsonObject = {};

export function nameOf({ collection, shard, id }: DocumentKey): string {
  return `${collection}\n${shard}\n${id}`;
}

export function prepareStep(projection: Projection, { key, event }: KeyedEvent, parkedAs: string): Step {
  try {
    const decoded = decode(event);
    const documents = projection.keysOf(decoded, { key, revision: event.revision });
    return { key, event, parkedAs, decoded: { event: decoded, documents }, working: [] };
  } catch (failure) {
    return { key, event, parkedAs, decoded: { failure }, working: [] };
  }
}

/** Changes the steps' working documents in place. `progress`: where each stream of the batch stood before it. */
export function foldBatch(projection: Projection, steps: readonly Step[], progress: ReadonlyMap<string, Progress>): Folded {
  const reached = new Map<string, Progress>();
  const parked = new Map<string, ParkedKey>();
  let appliedCount = 0;
  for (const step of steps) {
    if (parked.has(step.parkedAs)) continue;
    const { event } = step;
    try {
      const before = reached.get(event.stream) ?? progress.get(event.stream);
      const after = applyStep(projection, step, before);
      if (after === undefined) continue;
      appliedCount += 1;
      if (projection.model.topic === 'by-stream' || event.stream === step.parkedAs) reached.set(event.stream, after);
    } catch (failure) {
      const { revision, position } = event;
      parked.set(step.parkedAs, { stream: step.parkedAs, revision, position, reason: reasonOf(failure) });
    }
  }
  const watermarks = [...reached].map(([stream, { revision, values }]) => ({ stream, revision, values }));
  return { watermarks, parked: [...parked.values()], appliedCount };
}

/** Undefined when every document has the event already. Nothing is changed before all documents of the event are made. */
function applyStep(projection: Projection, step: Step, before: Progress | undefined): Progress | undefined {
  if ('failure' in step.decoded) throw step.decoded.failure;
  const { event } = step.decoded;
  const { revision, position } = step.event;
  const values = projection.valuesAfter === undefined ? nothing : projection.valuesAfter(before?.values ?? nothing, event);
  const made: { working: WorkingDocument; document: JsonObject; version: number }[] = [];
  for (const working of step.working) {
    const version = versionAfter(projection.versioning, working.version, step.event);
    if (version <= working.version) continue;
    const meta = { key: step.key, revision, position, version, values };
    made.push({ working, version, document: projection.project(working.key, working.document, event, meta) });
  }
  for (const { working, document, version } of made) {
    working.document = document;
    working.version = version;
    working.isChanged = true;
  }
  // By stream, the watermark decides and goes on in any case. By market, only the documents know what they have.
  return projection.model.topic === 'by-market' && made.length === 0 ? undefined : { revision, values };
}

function versionAfter(versioning: Projection['versioning'], version: number, event: KeyedEvent['event']): number {
  switch (versioning) {
    case 'revision':
      return event.revision;
    case 'position':
      return event.position;
    case 'counter':
      return Math.max(version, 0) + 1;
    default:
      return unreachable(versioning);
  }
}

function reasonOf(failure: unknown): string {
  return (failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure)).slice(0, reasonLengthMax);
}
