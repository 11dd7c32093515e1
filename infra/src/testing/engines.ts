// How an `*.engine.test.ts` gets at its engine: the URLs are provided by the run's configuration.
// An engine that is not provided fails its tests.

import { describe, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly engines: Readonly<Record<string, { readonly url: string } | undefined>>;
  }
}

/** As clients take it: `127.0.0.1:9092` for Kafka, a URL with its scheme for the others. */
export function engineUrl(name: string): string {
  const engine = inject('engines')[name];
  if (engine === undefined) throw new Error(`${name} does not run`);
  return engine.url;
}

/** A suite on one engine. `suite` gets the URL inside the tests, by `engineUrl(name)`. */
export function describeEngine(name: string, suite: () => void): void {
  describe(name, suite);
}
