// Several "processes" of projectors in one thread, on the same stores and the same bus, each with a clock of its own: for tests.

import { StoreReplacedError, type ReadModelStore } from '@wagerline/shared-kernel/ports/read-model-store';
import type { ProjectionsInfra } from '../projector.ts';
import { startProjections, type Projections, type StartOptions } from '../start.ts';
import { replaced } from './replaced.ts';

export const quick = { batchSizeMax: 7, fillBatchSizeMax: 50, retryDelayMs: 1, retryDelayMsMax: 2, lookMs: 1, leaseTakeoverMs: 5_000 };

export type Process = {
  readonly projections: Projections;
  /** Moves the process's own clock past the time after which a silent lease is free. */
  waitForSilence(): void;
  /** Cuts it off from the leases, as if it hung, or lets it reach them again. */
  cutOff(isCut: boolean): void;
};

export class Processes {
  readonly #running: Projections[] = [];

  async start(infra: ProjectionsInfra, options: StartOptions = {}): Promise<Process> {
    let nowMs = 0;
    let isCutOff = false;
    const { eventStore, clock } = infra;
    const reach = async <Answer>(answer: () => Promise<Answer>): Promise<Answer> => {
      if (isCutOff) throw new Error('the leases are out of reach');
      return answer();
    };
    const leases: Pick<typeof eventStore, 'readLeases' | 'writeLeases'> = {
      readLeases: (names) => reach(() => eventStore.readLeases(names)),
      writeLeases: (items) => reach(() => eventStore.writeLeases(items)),
    };
    const own = { ...infra, eventStore: replaced(eventStore, leases), clock: { nowMs: () => clock.nowMs(), monotonicMs: () => nowMs } };
    const projections = await startProjections(own, { limits: quick, members: 'several', ...options });
    this.#running.push(projections);
    return {
      projections,
      waitForSilence: () => void (nowMs += quick.leaseTakeoverMs),
      cutOff: (isCut) => void (isCutOff = isCut),
    };
  }

  async stop(): Promise<void> {
    for (const running of this.#running.splice(0)) await running.stop();
  }
}

/** One process's view of a store that somebody may put an empty one in the place of. */
export function replaceableStore(first: ReadModelStore): { readonly store: ReadModelStore; replaceWith(store: ReadModelStore): void } {
  let there = first;
  let storeId = first.storeId;
  const own: Partial<ReadModelStore> = {
    currentStoreId: async () => there.storeId,
    adopt: async () => void (storeId = there.storeId),
  };
  const writes: ReadonlySet<string | symbol> = new Set(['prepare', 'write', 'unpark', 'activate', 'drop']);
  const store = new Proxy(first, {
    get(_target, property): unknown {
      if (property === 'storeId') return storeId;
      if (property in own) return Reflect.get(own, property);
      if (writes.has(property) && storeId !== there.storeId) return async () => Promise.reject(new StoreReplacedError('the store was emptied'));
      const method: unknown = Reflect.get(there, property);
      return typeof method === 'function' ? method.bind(there) : method;
    },
  });
  return { store, replaceWith: (other) => void (there = other) };
}
