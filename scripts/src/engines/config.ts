// The environment as the engines' tool and tests read it: which engines a run is for, where they run already, where a JDK may be.
// Named like the settings of infra/src/config.ts, and refused like them when wrong.

import { z } from 'zod';
import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';

export type EnginesConfig = {
  /** WAGERLINE_ENGINES=redis,kafka; undefined = all that this checkout has. */
  readonly asked: readonly EngineName[] | undefined;
  /** Engines that somebody else runs, by the settings that the product has for them. */
  readonly urls: Readonly<Partial<Record<EngineName, string>>>;
  /** WAGERLINE_ENGINES_DOCKER=off goes past a Docker engine that answers. */
  readonly docker: boolean;
  /** True in CI, where nobody reads a warning: what was left out is a failure there. */
  readonly ci: boolean;
};

export const urlVariables: Readonly<Record<EngineName, string>> = {
  eventstoredb: 'WAGERLINE_EVENTSTORE_URL',
  kafka: 'WAGERLINE_KAFKA_BROKERS',
  mongodb: 'WAGERLINE_MONGODB_URL',
  redis: 'WAGERLINE_REDIS_URL',
  elasticsearch: 'WAGERLINE_ELASTICSEARCH_URL',
};

const namesSchema = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(engineNames)).min(1));

export function enginesConfig(env: Readonly<Record<string, string | undefined>> = process.env): EnginesConfig {
  const urls = Object.fromEntries(
    engineNames.flatMap((name) => {
      const url = env[urlVariables[name]];
      return url === undefined || url === '' ? [] : [[name, url]];
    }),
  );
  const asked = env['WAGERLINE_ENGINES'];
  return {
    asked: asked === undefined ? undefined : checked('WAGERLINE_ENGINES', namesSchema, asked),
    urls,
    docker: checked('WAGERLINE_ENGINES_DOCKER', z.enum(['auto', 'off']), env['WAGERLINE_ENGINES_DOCKER'] ?? 'auto') === 'auto',
    ci: env['CI'] === 'true',
  };
}

/** Folders that say of themselves that they are a JDK. */
export function namedJdks(): readonly string[] {
  return ['ES_JAVA_HOME', 'JAVA_HOME'].flatMap((name) => process.env[name] ?? []);
}

export function searchPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
}

/** What an engine inherits: nothing that would change how it runs. */
export function engineEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LANG: 'C.UTF-8' };
}

function checked<T>(variable: string, schema: z.ZodType<T>, given: string): T {
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new Error(`${variable}: ${parsed.error.issues[0]?.message ?? 'not valid'} (got ${JSON.stringify(given)})`);
  return parsed.data;
}
