// How an `*.engine.test.ts` gets at its engine: the URLs are provided by the run's configuration.
// An engine that is not provided fails its tests.

import { describe, inject } from 'vitest';
import { z } from 'zod';

const provided: (name: string) => unknown = inject as (name: string) => unknown;
const engines = z.record(z.string(), z.object({ url: z.string() }));

/** As clients take it: `127.0.0.1:9092` for Kafka, a URL with its scheme for the others. */
export function engineUrl(name: string): string {
  const engine = engines.parse(provided('engines'))[name];
  if (engine === undefined) throw new Error(`${name} does not run`);
  return engine.url;
}

/** A suite on one engine. `suite` gets the URL inside the tests, by `engineUrl(name)`. */
export function describeEngine(name: string, suite: () => void): void {
  describe(name, suite);
}
