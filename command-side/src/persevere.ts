// Trying again, shared by the relay, the reactor and the settlement job: what fails for a passing reason is repeated for ever,
// with a bounded pause, until it succeeds or the part is stopped.

import { OutcomeUnknownError, StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException, problems } from '@wagerline/shared-kernel/problems';

/** Resolves after that time, or as soon as the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const firstPauseMs = 50;
const pauseMsMax = 5_000;

export const pause: Pause = (ms, signal) => {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
};

/** After the first failure in a row, the second, ...: twice as long each time, up to a bound. */
export function pauseMsAfter(failures: number): number {
  return Math.min(firstPauseMs * 2 ** Math.min(failures - 1, 20), pauseMsMax);
}

/** False: trying again gives the same failure (an event that nobody can read, an assertion). */
export function mayPass(error: unknown): boolean {
  if (error instanceof ProblemException) return problems[error.code].retryable;
  return error instanceof StoreUnavailableError || error instanceof OutcomeUnknownError;
}

/**
 * Runs `attempt` until it succeeds. Answers undefined when the signal aborts first.
 * @throws what `attempt` throws, when trying again cannot help
 */
export async function persevere<Result>(
  attempt: () => Promise<Result>,
  options: { readonly signal: AbortSignal; readonly pause: Pause; readonly onFailure: (error: unknown) => void },
): Promise<Result | undefined> {
  for (let failures = 0; ; ) {
    if (options.signal.aborted) return undefined;
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
      options.onFailure(error);
      failures += 1;
      await options.pause(pauseMsAfter(failures), options.signal);
    }
  }
}
