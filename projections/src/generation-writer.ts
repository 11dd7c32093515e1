// Applies events to one generation of one read model. Called by the consumer (batches from the bus), by rebuild (batches from the
// log) and by redrive; one call at a time. Order of checks: parked -> skip, duplicate -> skip, gap -> fill from the event store.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ModelGeneration, ParkedKey, WriteBatch } from '@wagerline/shared-kernel/ports/read-model-store';
import { marketStream } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { BoundedMap } from './bounded-map.ts';
import { foldBatch, nameOf, prepareStep, type Folded, type Progress, type Step, type WorkingDocument } from './fold-batch.ts';
import type { Projection } from './projection.ts';
import { GapError, type KeyedEvent, type ProjectionsInfra, type ProjectorLimits } from './projector.ts';
import { sinkOf, type Sink } from './sink.ts';

type Checkpoint = NonNullable<WriteBatch['checkpoint']>;
type Kept = { readonly version: number; readonly document: JsonObject };
type Plan = { readonly steps: readonly Step[]; readonly repeated: readonly Step[]; readonly progress: ReadonlyMap<string, Progress> };

export type WriterCounts = { readonly eventsApplied: number; readonly duplicatesSkipped: number; readonly gapsFilled: number };

const fillPageSize = 500;
const beforeFirst: Progress = { revision: -1, values: {} };

export class GenerationWriter {
  readonly projection: Projection;
  readonly target: ModelGeneration;
  readonly sink: Sink | undefined;
  readonly #infra: ProjectionsInfra;
  readonly #cachedCollections: ReadonlySet<string>;
  readonly #watermarks: BoundedMap<Progress>;
  readonly #documents: BoundedMap<Kept>;
  #parked: ReadonlyMap<string, ParkedKey> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #counts = { eventsApplied: 0, duplicatesSkipped: 0, gapsFilled: 0 };

  constructor(projection: Projection, generation: number, infra: ProjectionsInfra, limits: ProjectorLimits) {
    this.projection = projection;
    this.target = { model: projection.model.name, generation };
    this.sink = sinkOf(projection.model, this.target, infra);
    this.#infra = infra;
    this.#cachedCollections = new Set(projection.cachedCollections);
    this.#watermarks = new BoundedMap(limits.watermarksCachedMax);
    this.#documents = new BoundedMap(limits.documentsCachedMax);
  }

  async prepare(): Promise<void> {
    await this.#infra.readModels.prepare(this.target, this.projection.model.collections);
    await this.sink?.prepare();
  }

  get counts(): WriterCounts {
    return this.#counts;
  }

  /** Others may have written meanwhile: after a partition was assigned to us, and after a write of unknown outcome. */
  forget(): void {
    this.#watermarks.clear();
    this.#documents.clear();
    this.#parked = undefined;
  }

  /** Documents, watermarks, parked keys and checkpoint in one write. A rejection has changed nothing that a repetition would not. */
  async apply(records: readonly KeyedEvent[], checkpoint?: Checkpoint): Promise<void> {
    await this.exclusively(() => this.applyNow(records, checkpoint));
  }

  /** Runs `work` when all work before it is done; within it, only `applyNow` may be called. */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** `redriven`: a parked stream whose events are to be applied all the same. */
  async applyNow(records: readonly KeyedEvent[], checkpoint?: Checkpoint, redriven?: string): Promise<Folded> {
    try {
      const plan = await this.#plan(records, redriven);
      const documents = await this.#load([...plan.steps, ...plan.repeated]);
      const folded = foldBatch(this.projection, plan.steps, plan.progress);
      await this.#write(folded, documents, plan, checkpoint);
      this.#keep(folded, documents);
      return folded;
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  async parked(): Promise<ReadonlyMap<string, ParkedKey>> {
    this.#parked ??= new Map((await this.#infra.readModels.parked(this.target)).map((key) => [key.stream, key]));
    return this.#parked;
  }

  async unpark(stream: string): Promise<void> {
    await this.#infra.readModels.unpark(this.target, stream);
    this.#parked = undefined;
  }

  async #plan(records: readonly KeyedEvent[], redriven: string | undefined): Promise<Plan> {
    const parked = await this.parked();
    const isParked = (stream: string): boolean => parked.has(stream) && stream !== redriven;
    if (this.projection.model.topic === 'by-market') {
      const steps = records.map((record) => prepareStep(this.projection, record, marketStream(record.key))).filter((step) => !isParked(step.parkedAs));
      return { steps, repeated: [], progress: new Map() };
    }
    const wanted = records.filter(({ event }) => this.#concerns(event.stream) && !isParked(event.stream));
    const progress = await this.#progressOf(new Set(wanted.map(({ event }) => event.stream)));
    const planned = new Map<string, number>();
    const steps: Step[] = [];
    const repeated: Step[] = [];
    for (const { event } of wanted) {
      const { stream, revision } = event;
      const next = (planned.get(stream) ?? progress.get(stream)?.revision ?? -1) + 1;
      if (revision < next) {
        this.#counts.duplicatesSkipped += 1;
        // Documents that a stop kept from the sink come again with the events that made them.
        if (this.sink !== undefined) repeated.push(this.#step(event));
        continue;
      }
      if (revision > next) for (const missing of await this.#missing(stream, next, revision)) steps.push(this.#step(missing));
      steps.push(this.#step(event));
      planned.set(stream, revision);
    }
    return { steps, repeated, progress };
  }

  #step(event: RecordedEvent): Step {
    return prepareStep(this.projection, { key: event.stream, event }, event.stream);
  }

  #concerns(stream: string): boolean {
    for (const prefix of this.projection.model.watermarkPrefixes) if (stream.startsWith(prefix)) return true;
    return false;
  }

  async #progressOf(streams: ReadonlySet<string>): Promise<ReadonlyMap<string, Progress>> {
    const progress = new Map<string, Progress>();
    const unknown: string[] = [];
    for (const stream of streams) {
      const known = this.#watermarks.get(stream);
      if (known === undefined) unknown.push(stream);
      else progress.set(stream, known);
    }
    if (unknown.length === 0) return progress;
    const stored = await this.#infra.readModels.watermarks(this.target, unknown);
    for (const [index, stream] of unknown.entries()) progress.set(stream, stored[index] ?? beforeFirst);
    return progress;
  }

  /** The events `from` .. `before` - 1 of a stream, which the bus did not bring. */
  async #missing(stream: string, from: number, before: number): Promise<readonly RecordedEvent[]> {
    const missing: RecordedEvent[] = [];
    while (from + missing.length < before) {
      const fromRevision = from + missing.length;
      const page = await this.#infra.eventStore.readStream(stream, { fromRevision, maxCount: Math.min(fillPageSize, before - fromRevision) });
      const isWhole = page.length > 0 && page.every((event, index) => event.revision === fromRevision + index);
      if (!isWhole) throw new GapError(`${this.target.model}: ${stream}@${fromRevision} is neither on the bus nor in the event store`);
      missing.push(...page);
    }
    this.#counts.gapsFilled += missing.length;
    const { model, generation } = this.target;
    this.#infra.logger.error({ model, generation, stream, fromRevision: from, count: missing.length }, 'gap filled from the event store');
    return missing;
  }

  /** Gives every step its working documents, and answers each of them once. */
  async #load(steps: readonly Step[]): Promise<readonly WorkingDocument[]> {
    const documents = new Map<string, WorkingDocument>();
    const toRead = new Map<string, WorkingDocument[]>();
    for (const step of steps) {
      if ('failure' in step.decoded) continue;
      step.working = step.decoded.documents.map((key) => {
        const name = nameOf(key);
        const known = documents.get(name);
        if (known !== undefined) return known;
        const kept = this.#cachedCollections.has(key.collection) ? this.#documents.get(name) : undefined;
        const working: WorkingDocument = { key, version: kept?.version ?? -1, document: kept?.document, isChanged: false };
        documents.set(name, working);
        if (kept !== undefined || key.isNew) return working;
        const others = toRead.get(key.collection);
        if (others === undefined) toRead.set(key.collection, [working]);
        else others.push(working);
        return working;
      });
    }
    for (const [collection, wanted] of toRead) {
      const found = await this.#infra.readModels.getMany(
        this.target,
        collection,
        wanted.map(({ key }) => key),
      );
      for (const [index, working] of wanted.entries()) {
        const stored = found[index];
        if (stored === undefined) continue;
        working.version = stored.version;
        working.document = stored.document;
      }
    }
    return [...documents.values()];
  }

  /** Where there is a sink, the checkpoint follows it: a stop in between brings the batch again, and the sink its documents. */
  async #write(folded: Folded, documents: readonly WorkingDocument[], plan: Plan, checkpoint: Checkpoint | undefined): Promise<void> {
    const { watermarks, parked } = folded;
    const puts: WriteBatch['puts'][number][] = [];
    for (const { key, version, document, isChanged } of documents) {
      if (isChanged && document !== undefined) puts.push({ collection: key.collection, shard: key.shard, id: key.id, version, document });
    }
    const batch = { puts, watermarks, ...(parked.length > 0 && { park: parked }) };
    const isEmpty = puts.length === 0 && watermarks.length === 0 && parked.length === 0;
    const { readModels } = this.#infra;
    if (this.sink === undefined) {
      if (!isEmpty || checkpoint !== undefined) await readModels.write(this.target, { ...batch, ...(checkpoint && { checkpoint }) });
      return;
    }
    if (!isEmpty) await readModels.write(this.target, batch);
    const published = documents.flatMap(({ key, version, document, isChanged }) =>
      document !== undefined && (isChanged || plan.repeated.length > 0) ? [{ id: key.id, version, document }] : [],
    );
    if (published.length > 0) await this.sink.publish(published);
    if (checkpoint !== undefined) await readModels.write(this.target, { puts: [], watermarks: [], checkpoint });
  }

  #keep({ watermarks, parked, appliedCount }: Folded, documents: readonly WorkingDocument[]): void {
    this.#counts.eventsApplied += appliedCount;
    for (const { stream, revision, values } of watermarks) this.#watermarks.set(stream, { revision, values });
    for (const { key, version, document } of documents) {
      if (document !== undefined && this.#cachedCollections.has(key.collection)) this.#documents.set(nameOf(key), { version, document });
    }
    if (parked.length === 0) return;
    this.#parked = new Map([...(this.#parked ?? []), ...parked.map((key) => [key.stream, key] as const)]);
    const { model, generation } = this.target;
    for (const { stream, revision, position, reason } of parked) {
      this.#infra.logger.error({ model, generation, stream, revision, position, reason }, 'poison event: its key is parked');
    }
  }
}
