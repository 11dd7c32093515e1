// Reads a read model at its live generation, also while a rebuild swaps it and drops the old one. Called by fresh-enough.ts.
// A store that fails is told as READ_MODEL_UNAVAILABLE; its own words go to the log alone.

import type { Logger } from '@wagerline/infra/logger';
import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';

import type { QueryStore } from './query-deps.ts';

/** More swaps than this within one read means that something swaps in a circle. */
const attemptsMax = 3;

type Outcome<T> = { readonly value: T } | { readonly failure: unknown };

export class LiveGeneration {
  private readonly store: QueryStore;
  private readonly logger: Logger;
  private readonly known = new Map<string, number>();

  constructor(store: QueryStore, logger: Logger) {
    this.store = store;
    this.logger = logger;
  }

  /**
   * The pointer is read after the documents: if it still names the generation that was read, that one was not dropped meanwhile.
   * So a remembered pointer is safe to start from, and a request pays for one read of it. `read` must only ask the stores.
   */
  async read<T>(model: string, read: (target: ModelGeneration) => Promise<T>): Promise<T> {
    let generation = this.known.get(model) ?? (await this.pointer(model));
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const outcome = await outcomeOf(() => read({ model, generation }));
      const current = await this.pointer(model);
      if (current !== generation) {
        generation = current;
        continue;
      }
      if ('value' in outcome) return outcome.value;
      // What the store found wrong with the request, a cursor of its own for example, is for the client to know.
      if (outcome.failure instanceof ProblemException) throw outcome.failure;
      throw this.unavailable(model, outcome.failure);
    }
    throw this.unavailable(model, new Error('the live generation changed with every attempt'));
  }

  private async pointer(model: string): Promise<number> {
    const found = await outcomeOf(() => this.store.liveGeneration(model));
    if ('failure' in found) throw this.unavailable(model, found.failure);
    if (found.value === 0) throw this.unavailable(model, new Error('no generation was ever activated'));
    this.known.set(model, found.value);
    return found.value;
  }

  private unavailable(model: string, failure: unknown): ProblemException {
    this.logger.error({ err: failure, model }, 'a read model could not be read');
    return new ProblemException('READ_MODEL_UNAVAILABLE', { extensions: { model }, retryAfterSeconds: 1 });
  }
}

async function outcomeOf<T>(act: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await act() };
  } catch (failure) {
    return { failure };
  }
}
