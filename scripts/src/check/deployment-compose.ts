// infra/compose.yaml by the Compose specification's schema, and by docker compose where it answers. Called by deployment.ts.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';

const askMsMax = 30_000;
/** A linter brings the newest one; it is read as a file because the linter's own rules are not ours. */
const schemaFile = join(dirname(createRequire(import.meta.url).resolve('dclint/package.json')), 'schemas', 'compose.schema.json');

export function composeSchemaFindings(compose: unknown): string[] {
  const { $schema: _draft, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  if (ajv.validate(schema, compose)) return [];
  return (ajv.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** Undefined where docker compose does not answer. */
export function dockerComposeFindings(file: string): Promise<string[] | undefined> {
  const ask = (...args: readonly string[]) => spawnSync('docker', ['compose', ...args], { encoding: 'utf8', timeout: askMsMax });
  if (ask('version').status !== 0) return Promise.resolve(undefined);
  const { status, stderr } = ask('-f', file, 'config', '--quiet');
  return Promise.resolve(status === 0 ? [] : [stderr.trim()]);
}
