// A part of Wagerline seen from whoever started it: it answers named requests (status, rebuild ...), over a worker's port or a child
// process's channel alike. Called by the process tree in scripts and by run-process.ts.

import type { Json } from '@wagerline/shared-kernel/values/json';

export type PartRequest = { readonly id: number; readonly name: string; readonly argument: Json };
export type PartAnswer = { readonly id: number; readonly value?: Json; readonly error?: string };

export type Requests = Readonly<Record<string, (argument: Json) => Json | Promise<Json>>>;

/** Requests that wait for the part's answer, on the side of whoever asks. */
export class PartCalls {
  readonly #name: string;
  readonly #post: (request: PartRequest) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<Json>>();
  #nextId = 1;
  #hasEnded = false;

  constructor(name: string, post: (request: PartRequest) => void) {
    this.#name = name;
    this.#post = post;
  }

  /** @throws Error with what the part said, or when it has ended */
  call(name: string, argument: Json = null): Promise<Json> {
    if (this.#hasEnded) return Promise.reject(new Error(`${this.#name} has ended`));
    const answered = Promise.withResolvers<Json>();
    const id = this.#nextId++;
    this.#waiting.set(id, answered);
    this.#post({ id, name, argument });
    return answered.promise;
  }

  answered({ id, value = null, error }: PartAnswer): void {
    const asked = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  }

  ended(): void {
    this.#hasEnded = true;
    for (const asked of this.#waiting.values()) asked.reject(new Error(`${this.#name} has ended`));
    this.#waiting.clear();
  }
}

/** On the side of the part. A request that is not known is answered with null. */
export async function answerOf(requests: Requests, { id, name, argument }: PartRequest): Promise<PartAnswer> {
  try {
    return { id, value: (await requests[name]?.(argument)) ?? null };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
