// A batch folded in memory: every document is read once before and written once after, however many events touch it.
// Called by generation-writer.ts. Touches no store; an event that cannot be applied parks its key and leaves no trace.

import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { decode } from '@wagerline/shared-kernel/events/codec';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { DocumentKey, Projection } from './projection.ts';
import type { KeyedEvent } from './projector.ts';

/** `version` -1: not there yet. */
export type WorkingDocument = { readonly key: DocumentKey; version: number; document: JsonObject | undefined; isChanged: boolean };

/** Where a stream stands. One object per stream and batch; a batch changes it in place. */
export type Progress = {
  readonly stream: string;
  revision: number;
  values: JsonObject;
  /** The revision that is due next in this batch. */
  next: number;
  isChanged: boolean;
};

/** An event, decoded, with the documents that it touches; or why that could not be found out. */
export type Step = KeyedEvent & {
  /** The stream under which the key is parked. */
  readonly parkedAs: string;
  /** Of the event's stream; undefined where the event's watermark is not this model's to keep. */
  readonly progress: Progress | undefined;
  readonly decoded: { readonly event: DomainEvent; readonly documents: readonly DocumentKey[] } | { readonly failure: unknown };
  /** One for each of the documents, shared by all steps of a batch that touch it. Empty until they are loaded. */
  readonly working: WorkingDocument[];
};

export type Folded = { readonly parked: readonly ParkedKey[]; readonly appliedCount: number };

const reasonLengthMax = 500;
const nothing: JsonObject = {};

export function progressAt(stream: string, revision = -1, values = nothing): Progress {
  return { stream, revision, values, next: revision + 1, isChanged: false };
}

export function prepareStep(projection: Projection, { key, event }: KeyedEvent, parkedAs: string, progress: Progress | undefined): Step {
  try {
    const decoded = decode(event);
    const documents = projection.keysOf(decoded, { key, revision: event.revision });
    return { key, event, parkedAs, progress, decoded: { event: decoded, documents }, working: [] };
  } catch (failure) {
    return { key, event, parkedAs, progress, decoded: { failure }, working: [] };
  }
}

/** Changes the steps' working documents and progress in place. */
export function foldBatch(projection: Projection, steps: readonly Step[]): Folded {
  const parked = new Map<string, ParkedKey>();
  let appliedCount = 0;
  for (const step of steps) {
    if (parked.size > 0 && parked.has(step.parkedAs)) continue;
    try {
      if (applyStep(projection, step)) appliedCount += 1;
    } catch (failure) {
      const { revision, position } = step.event;
      parked.set(step.parkedAs, { stream: step.parkedAs, revision, position, reason: reasonOf(failure) });
    }
  }
  return { parked: [...parked.values()], appliedCount };
}

/** False when every document has the event already. Nothing is changed before all documents of the event are made. */
function applyStep(projection: Projection, step: Step): boolean {
  if ('failure' in step.decoded) throw step.decoded.failure;
  const { key, progress, working } = step;
  const { event } = step.decoded;
  const { revision, position } = step.event;
  const values = projection.valuesAfter === undefined ? nothing : projection.valuesAfter(progress?.values ?? nothing, event);
  const made: { readonly target: WorkingDocument; readonly document: JsonObject; readonly version: number }[] = [];
  for (const target of working) {
    const version = versionAfter(projection.versioning, target.version, step.event);
    const isCounted = projection.versioning === 'counter';
    if (version <= target.version || (isCounted && hasEvent(target.document, step.event))) continue;
    const document = projection.project(target.key, target.document, event, { key, revision, position, version, values });
    made.push({ target, document: isCounted ? withEvent(document, step.event) : document, version });
  }
  for (const { target, document, version } of made) {
    target.document = document;
    target.version = version;
    target.isChanged = true;
  }
  // By stream, the watermark decides and goes on in any case. By market, only the documents know what they have.
  if (projection.model.topic === 'by-market' && made.length === 0) return false;
  if (progress === undefined) return true;
  progress.revision = revision;
  progress.values = values;
  progress.isChanged = true;
  return true;
}

/** A counter says nothing about streams, so the document itself does: two writers at once must not apply an event over a newer one. */
function hasEvent(document: JsonObject | undefined, { stream, revision }: RecordedEvent): boolean {
  const reached = appliedIn(document)[stream];
  return typeof reached === 'number' && reached >= revision;
}

function withEvent(document: JsonObject, { stream, revision }: RecordedEvent): JsonObject {
  return { ...document, applied: { ...appliedIn(document), [stream]: revision } };
}

function appliedIn(document: JsonObject | undefined): JsonObject {
  return (document?.['applied'] ?? nothing) as JsonObject;
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
