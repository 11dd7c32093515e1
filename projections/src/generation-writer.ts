// Applies events to one generation of one read model. Called by the consumer (batches from the bus), by rebuild (batches from the
// log) and by redrive; one call at a time. Order of checks: parked -> skip, duplicate -> skip, gap -> fill from the event store.

import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ModelGeneration, ParkedKey, Watermark, WriteBatch } from '@wagerline/shared-kernel/ports/read-model-store';
import { SearchDocumentsRefusedError, type RefusedDocument } from '@wagerline/shared-kernel/ports/search-index';
import { marketStream } from '@wagerline/shared-kernel/values/ids';
import { BoundedMap } from './bounded-map.ts';
import { foldBatch, prepareStep, progressAt, type Folded, type Progress, type Step, type WorkingDocument } from './fold-batch.ts';
import { loadDocuments, nameOf, type Kept } from './load-documents.ts';
import type { Projection } from './projection.ts';
import { GapError, type KeyedEvent, type ProjectionsInfra, type ProjectorLimits } from './projector.ts';
import { parkedByRefusal } from './refused-documents.ts';
import { sinkOf, type Published, type Sink } from './sink.ts';

type Checkpoint = NonNullable<WriteBatch['checkpoint']>;
/** `progress`: of every stream whose watermark may move. */
type Plan = { readonly steps: readonly Step[]; readonly progress: ReadonlyMap<string, Progress> };
/** Versions of documents as they were read. */
type Loaded = ReadonlyMap<WorkingDocument, number>;

export type WriterCounts = { readonly eventsApplied: number; readonly duplicatesSkipped: number; readonly gapsFilled: number };

const fillPageSize = 500;

export class GenerationWriter {
  readonly projection: Projection;
  readonly target: ModelGeneration;
  readonly sink: Sink | undefined;
  readonly #infra: ProjectionsInfra;
  readonly #watermarks: BoundedMap<Progress>;
  /** Of the collections that are worth it; by nameOf. */
  readonly #documents: ReadonlyMap<string, BoundedMap<Kept>>;
  #parked: ReadonlyMap<string, ParkedKey> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #counts = { eventsApplied: 0, duplicatesSkipped: 0, gapsFilled: 0 };

  constructor(projection: Projection, generation: number, infra: ProjectionsInfra, limits: ProjectorLimits) {
    this.projection = projection;
    this.target = { model: projection.model.name, generation };
    this.sink = sinkOf(projection.model, this.target, infra);
    this.#infra = infra;
    this.#watermarks = new BoundedMap(limits.watermarksCachedMax);
    this.#documents = new Map(projection.cachedCollections.map((collection) => [collection, new BoundedMap(limits.documentsCachedMax)]));
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
    for (const kept of this.#documents.values()) kept.clear();
    this.#parked = undefined;
  }

  /** A rejection has changed nothing that a repetition would not. */
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
      const documents = await loadDocuments(plan.steps, this.#documents, this.#infra.readModels, this.target);
      // A document that several streams feed may have been written by another process meanwhile, and not by an older event alone.
      const loaded: Loaded = new Map(this.projection.versioning === 'counter' ? documents.map((each) => [each, each.version]) : []);
      const folded = foldBatch(this.projection, plan.steps);
      const refused = await this.#write(folded, documents, { ...plan, loaded }, checkpoint);
      if (refused.length === 0) {
        this.#keep(folded, documents);
        return folded;
      }
      // What is remembered of the streams that are parked now is ahead of their watermarks.
      this.forget();
      const all = { ...folded, parked: [...folded.parked, ...refused] };
      this.#keep(all, []);
      return all;
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  async parked(): Promise<ReadonlyMap<string, ParkedKey>> {
    this.#parked ??= new Map((await this.#infra.readModels.parked(this.target)).map((key) => [key.stream, key]));
    return this.#parked;
  }

  /** Read again before an event is passed over: another process may have unparked its key meanwhile. */
  async #parkedNow(records: readonly KeyedEvent[]): Promise<ReadonlyMap<string, ParkedKey>> {
    const known = await this.parked();
    if (known.size === 0) return known;
    const isByMarket = this.projection.model.topic === 'by-market';
    const isMet = records.some(({ key }) => known.has(isByMarket ? marketStream(key) : key));
    if (isMet) this.#parked = undefined;
    return this.parked();
  }

  async unpark(stream: string): Promise<void> {
    await this.#infra.readModels.unpark(this.target, stream);
    this.#parked = undefined;
  }

  async #plan(records: readonly KeyedEvent[], redriven: string | undefined): Promise<Plan> {
    const parked = await this.#parkedNow(records);
    const isParked = (stream: string): boolean => parked.size > 0 && parked.has(stream) && stream !== redriven;
    if (this.projection.model.topic === 'by-market') return this.#planByMarket(records, isParked);
    // The key is the stream, and an event that is not looked at may not even be parsed.
    const wanted = records.filter(({ key }) => this.#concerns(key) && !isParked(key));
    const { progress, ofRecords } = await this.#progressOf(wanted);
    const steps: Step[] = [];
    for (const [place, record] of wanted.entries()) {
      const { stream, revision } = record.event;
      const reached = ofRecords[place];
      if (reached === undefined || revision < reached.next) {
        this.#counts.duplicatesSkipped += 1;
        continue;
      }
      if (revision > reached.next) {
        const missing = await this.#missing(stream, reached.next, revision);
        for (const event of missing) steps.push(prepareStep(this.projection, { key: stream, event }, stream, reached));
      }
      steps.push(prepareStep(this.projection, record, stream, reached));
      reached.next = revision + 1;
    }
    return { steps, progress };
  }

  /** Each document knows how far it is; of the streams only the market's own gets a watermark. */
  #planByMarket(records: readonly KeyedEvent[], isParked: (stream: string) => boolean): Plan {
    const progress = new Map<string, Progress>();
    const steps: Step[] = [];
    for (const record of records) {
      const { stream } = record.event;
      const market = marketStream(record.key);
      if (isParked(market)) continue;
      let reached = stream === market ? progress.get(stream) : undefined;
      if (stream === market && reached === undefined) progress.set(stream, (reached = progressAt(stream)));
      steps.push(prepareStep(this.projection, record, market, reached));
    }
    return { steps, progress };
  }

  #concerns(stream: string): boolean {
    for (const prefix of this.projection.model.watermarkPrefixes) if (stream.startsWith(prefix)) return true;
    return false;
  }

  /** Where the streams of the records stand, and the same for each record. */
  async #progressOf(records: readonly KeyedEvent[]): Promise<{ readonly progress: Plan['progress']; readonly ofRecords: readonly Progress[] }> {
    const progress = new Map<string, Progress>();
    const unknown: Progress[] = [];
    const ofRecords = records.map(({ event: { stream } }) => {
      const met = progress.get(stream);
      if (met !== undefined) return met;
      const known = this.#watermarks.get(stream);
      const reached = known ?? progressAt(stream);
      if (known === undefined) unknown.push(reached);
      reached.next = reached.revision + 1;
      reached.isChanged = false;
      progress.set(stream, reached);
      return reached;
    });
    if (unknown.length === 0) return { progress, ofRecords };
    const stored = await this.#infra.readModels.watermarks(
      this.target,
      unknown.map(({ stream }) => stream),
    );
    for (const [index, reached] of unknown.entries()) {
      const watermark = stored[index];
      if (watermark !== undefined) Object.assign(reached, progressAt(reached.stream, watermark.revision, watermark.values));
      this.#watermarks.set(reached.stream, reached);
    }
    return { progress, ofRecords };
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

  /**
   * One write. Where there is a sink, two with the sink between them: whoever waits for a watermark finds the document there too.
   * A stop in between brings the events again, and the sink its documents. Answers what is parked because the sink refused it.
   */
  async #write(
    { parked }: Folded,
    documents: readonly WorkingDocument[],
    { steps, progress, loaded }: Plan & { readonly loaded: Loaded },
    checkpoint: Checkpoint | undefined,
  ): Promise<readonly ParkedKey[]> {
    const puts: WriteBatch['puts'][number][] = [];
    for (const each of documents) {
      const { key, version, document, isChanged } = each;
      if (!isChanged || document === undefined) continue;
      const replaces = loaded.get(each);
      puts.push({ collection: key.collection, shard: key.shard, id: key.id, version, document, ...(replaces !== undefined && { replaces }) });
    }
    const { readModels } = this.#infra;
    if (this.sink === undefined) {
      const end = endOf(progress, parked, checkpoint);
      if (puts.length > 0 || end !== undefined) await readModels.write(this.target, { puts, watermarks: [], ...end });
      return [];
    }
    if (puts.length > 0) await readModels.write(this.target, { puts, watermarks: [] });
    // Also those that a write before a stop has changed already.
    const published = documents.flatMap(({ key, version, document }) => (document === undefined ? [] : [{ id: key.id, version, document }]));
    const refused = published.length === 0 ? [] : parkedByRefusal(steps, await refusedBy(this.sink, published));
    const end = endOf(progress, [...parked, ...refused], checkpoint, new Set(refused.map(({ stream }) => stream)));
    if (end !== undefined) await readModels.write(this.target, { puts: [], ...end });
    return refused;
  }

  #keep({ parked, appliedCount }: Folded, documents: readonly WorkingDocument[]): void {
    this.#counts.eventsApplied += appliedCount;
    for (const { key, version, document } of this.#documents.size === 0 ? [] : documents) {
      if (document !== undefined) this.#documents.get(key.collection)?.set(nameOf(key), { version, document });
    }
    if (parked.length === 0) return;
    this.#parked = new Map([...(this.#parked ?? []), ...parked.map((key) => [key.stream, key] as const)]);
    const { model, generation } = this.target;
    for (const { stream, revision, position, reason } of parked) {
      this.#infra.logger.error({ model, generation, stream, revision, position, reason }, 'poison event: its key is parked');
    }
  }
}

/** Undefined: there is nothing to be written behind the documents. */
function endOf(progress: Plan['progress'], park: readonly ParkedKey[], checkpoint: Checkpoint | undefined, held: ReadonlySet<string> = new Set()) {
  const watermarks: Watermark[] = [];
  for (const { stream, revision, values, isChanged } of progress.values()) {
    if (isChanged && !held.has(stream)) watermarks.push({ stream, revision, values });
  }
  if (watermarks.length === 0 && park.length === 0 && checkpoint === undefined) return undefined;
  return { watermarks, ...(park.length > 0 && { park }), ...(checkpoint && { checkpoint }) };
}

async function refusedBy(sink: Sink, published: readonly Published[]): Promise<readonly RefusedDocument[]> {
  try {
    await sink.publish(published);
    return [];
  } catch (error) {
    if (error instanceof SearchDocumentsRefusedError) return error.documents;
    throw error;
  }
}
