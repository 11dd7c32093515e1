// What several processes of each part say of themselves, as one status in the form of a single process tree's. Called by engine-server.ts.
// It never fails: what cannot be asked is left out, `problems` says so, and where nobody answers for a part the figures are those of one
// that has done nothing yet. Figures that nobody knows are -1: whoever waits for one waits on.

import { completeThrough } from '@wagerline/infra/complete-through';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { domainPrefixes, slotCount } from '@wagerline/shared-kernel/values/ids';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { StatusPart } from './operations.ts';
import type { PartProcess } from './part.ts';

const viewStatus = z.object({ marketView: z.object({ fresh: z.boolean(), through: z.int() }) });
const relayStatus = z.object({ relay: z.looseObject({ publishedThrough: z.int() }) });
const modelStatus = z.looseObject({
  model: z.string(),
  generation: z.int(),
  state: z.string(),
  problem: z.string().nullable(),
  partitions: z.array(z.int()),
  lag: z.int(),
  eventsApplied: z.int(),
  eventsPerSecond: z.number(),
  duplicatesSkipped: z.int(),
  gapsFilled: z.int(),
  parkedCount: z.int(),
  ageMs: z.object({ p50: z.number(), p99: z.number() }),
});
const projectorStatus = z.object({ models: z.array(modelStatus) });
const workerStatus = z.object({
  reactor: z.looseObject({ position: z.int(), parkedCount: z.int() }),
  settlement: z.looseObject({
    indexedPosition: z.int(),
    settledThrough: z.int(),
    slots: z.array(z.tuple([z.int(), z.int()])),
    slotsHeld: z.int(),
    backlog: z.object({ slots: z.int(), positions: z.int(), commandsInFlight: z.int() }),
    settled: z.int(),
    settledPerSecond: z.int(),
    parkedCount: z.int(),
  }),
});

type ModelStatus = z.infer<typeof modelStatus>;
const unknownModel: Omit<ModelStatus, 'model'> = {
  generation: -1,
  state: 'unknown',
  problem: 'no projector answers',
  partitions: [],
  lag: -1,
  eventsApplied: 0,
  eventsPerSecond: 0,
  duplicatesSkipped: 0,
  gapsFilled: 0,
  parkedCount: -1,
  ageMs: { p50: 0, p99: 0 },
};
type WorkerStatus = z.infer<typeof workerStatus>;

export type Groups = {
  readonly [Name in 'command' | 'relay' | 'projector' | 'settlement']: { readonly processes: readonly (Pick<PartProcess, 'request'> | undefined)[] };
};

/** A process that runs answers at once, also while its engines are away. */
const answerMsMax = 2_000;

/** Asks no process for a part that is not asked for. */
export async function mergedStatus(
  groups: Groups,
  eventStore: Pick<EventStore, 'readAll' | 'head'>,
  parts: readonly StatusPart[],
): Promise<JsonObject> {
  const problems: string[] = [];
  const noted = async <Value>(what: string, asked: Promise<Value>): Promise<readonly Value[]> => {
    try {
      return [await asked];
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  };
  const ask = async <Status>(part: StatusPart, name: keyof Groups, schema: z.ZodType<Status>): Promise<readonly Status[]> => {
    if (!parts.includes(part)) return [];
    const asked = groups[name].processes.map((process, index) => {
      const answer = process === undefined ? Promise.reject(new Error('is starting')) : inTime(process.request('status'));
      return noted(`${name} ${index}`, answer.then((status) => schema.parse(status)));
    });
    return (await Promise.all(asked)).flat();
  };
  const [[head = null], views, relays, projectors, workers] = await Promise.all([
    noted('event store', eventStore.head()),
    ask('marketView', 'command', viewStatus),
    ask('projections', 'relay', relayStatus),
    ask('projections', 'projector', projectorStatus),
    ask('settlement', 'settlement', workerStatus),
  ]);
  const complete = async (position: number): Promise<number> => {
    if (head === null) return position;
    const [through = position] = await noted('event store', completeThrough(eventStore, position, domainPrefixes));
    return through;
  };
  const of: Readonly<Record<StatusPart, () => Promise<Json>>> = {
    marketView: async () => ({
      fresh: views.length > 0 && views.every(({ marketView }) => marketView.fresh),
      through: least(views.map(({ marketView }) => marketView.through)),
    }),
    projections: async () => ({
      relay: { publishedThrough: await complete(publishedThrough(relays)) },
      models: mergedModels(projectors.map(({ models }) => models)),
    }),
    async settlement() {
      const { reactor, settlement } = mergedWorkers(workers);
      return { reactor, settlement: { ...settlement, settledThrough: await complete(settlement.settledThrough) } };
    },
  };
  const answered = await Promise.all(parts.map(async (part) => [part, await of[part]()] as const));
  return {
    head,
    ...Object.fromEntries(answered),
    problems: problems.toSorted(),
  };
}

async function inTime(asked: Promise<Json>): Promise<Json> {
  const limit = new AbortController();
  const late = delay(answerMsMax, null, { signal: limit.signal }).then(() => Promise.reject(new Error(`no answer within ${answerMsMax} ms`)));
  late.catch(() => undefined);
  return Promise.race([asked, late]).finally(() => limit.abort());
}

const least = (values: readonly number[]): number => (values.length === 0 ? 0 : Math.min(...values));
const greatest = (values: readonly number[]): number => Math.max(0, ...values);

/** The one that holds the lease is ahead of those that wait for it. */
function publishedThrough(relays: readonly z.infer<typeof relayStatus>[]): number {
  return greatest(relays.map(({ relay }) => relay.publishedThrough));
}

/** Each process has a share of every model's partitions. */
export function mergedModels(processes: readonly (readonly ModelStatus[])[]): Json {
  const [first = readModels.map(({ name }) => ({ ...unknownModel, model: name }))] = processes;
  return first.map((own) => {
    const { model } = own;
    if (processes.length === 0) return own;
    const shares = processes.flatMap((models) => models.filter((status) => status.model === model));
    const sum = (of: (status: ModelStatus) => number): number => shares.reduce((total, status) => total + of(status), 0);
    const most = (of: (status: ModelStatus) => number): number => Math.max(...shares.map(of));
    return {
      model,
      generation: most((status) => status.generation),
      state: mergedState(shares),
      problem: shares.find(({ problem }) => problem !== null)?.problem ?? null,
      partitions: [...new Set(shares.flatMap(({ partitions }) => partitions))].toSorted((left, right) => left - right),
      lag: most((status) => status.lag),
      eventsApplied: sum((status) => status.eventsApplied),
      eventsPerSecond: sum((status) => status.eventsPerSecond),
      duplicatesSkipped: sum((status) => status.duplicatesSkipped),
      gapsFilled: sum((status) => status.gapsFilled),
      parkedCount: most((status) => status.parkedCount),
      ageMs: { p50: most((status) => status.ageMs.p50), p99: most((status) => status.ageMs.p99) },
    };
  });
}

/** One that has trouble is told before those that run; one that waits for the model's single writer is only then the answer when all do. */
function mergedState(shares: readonly ModelStatus[]): string {
  const isActive = ({ state }: ModelStatus): boolean => state !== 'waiting';
  return shares.find((share) => isActive(share) && share.state !== 'running')?.state ?? shares.find(isActive)?.state ?? 'waiting';
}

/** Of settlement workers alone, each with its reactor. */
export function mergedSettlement(answers: readonly Json[]): JsonObject {
  return mergedWorkers(answers.map((answer) => workerStatus.parse(answer)));
}

/** A slot stands where its holder says; a slot that nobody holds, where its lease does. */
function mergedWorkers(workers: readonly WorkerStatus[]) {
  const sum = (of: (status: WorkerStatus['settlement']) => number): number => workers.reduce((total, { settlement }) => total + of(settlement), 0);
  const held = new Map(workers.flatMap(({ settlement }) => settlement.slots));
  const unheldThrough = greatest(workers.map(({ settlement }) => settlement.settledThrough));
  const settledThrough = Math.min(...held.values(), ...(held.size < slotCount ? [unheldThrough] : []));
  return {
    reactor: {
      position: greatest(workers.map(({ reactor }) => reactor.position)),
      parkedCount: greatest(workers.map(({ reactor }) => reactor.parkedCount)),
    },
    settlement: {
      indexedPosition: least(workers.map(({ settlement }) => settlement.indexedPosition)),
      settledThrough,
      slotsHeld: sum(({ slotsHeld }) => slotsHeld),
      backlog: {
        slots: sum(({ backlog }) => backlog.slots),
        positions: greatest(workers.map(({ settlement }) => settlement.backlog.positions)),
        commandsInFlight: sum(({ backlog }) => backlog.commandsInFlight),
      },
      settled: sum(({ settled }) => settled),
      settledPerSecond: sum(({ settledPerSecond }) => settledPerSecond),
      parkedCount: sum(({ parkedCount }) => parkedCount),
    },
  };
}
