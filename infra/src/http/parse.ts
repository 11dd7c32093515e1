// What a client sent meets its zod schema: the parsed value, or one problem that names every fault by its place.
// Called by route handlers. A schema gives a fault its own code through a custom issue: `params: { code: 'ODDS_INVALID' }`.

import type { z } from 'zod';

import { isProblemCode, ProblemException, type ProblemCode, type ProblemError } from '@wagerline/shared-kernel/problems';

const errorsMax = 20;

type Issue = z.core.$ZodIssue;

/** Throws BODY_INVALID, or the first code that the schema names; `errors[].pointer` is an RFC 6901 pointer into the body. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw refusal('BODY_INVALID', parsed.error.issues, jsonPointer);
}

/** Throws QUERY_INVALID; `errors[].pointer` is the name of the parameter. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw refusal('QUERY_INVALID', parsed.error.issues, parameterName);
}

/** Throws PATH_INVALID; `errors[].pointer` is the name of the parameter. */
export function parseParams<Schema extends z.ZodType>(schema: Schema, params: unknown): z.output<Schema> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw refusal('PATH_INVALID', parsed.error.issues, parameterName);
}

type Path = readonly PropertyKey[];

function refusal(fallback: ProblemCode, issues: readonly Issue[], pointerOf: (path: Path) => string): ProblemException {
  let code: ProblemCode | undefined;
  const errors: ProblemError[] = [];
  for (const issue of issues) {
    const named = namedCode(issue);
    code ??= named;
    for (const path of pathsOf(issue)) {
      if (errors.length === errorsMax) break;
      errors.push({ pointer: pointerOf(path), detail: issue.message, ...(named !== undefined && { code: named }) });
    }
  }
  return new ProblemException(code ?? fallback, { errors });
}

/** Unknown fields come as one issue about their parent; the client wants to see each of them. */
function pathsOf(issue: Issue): readonly Path[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

function namedCode(issue: Issue): ProblemCode | undefined {
  const named: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  return isProblemCode(named) ? named : undefined;
}

/** RFC 6901: `~` and `/` in a name are escaped; the whole document is the empty pointer. */
function jsonPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function parameterName(path: Path): string {
  return path.map(String).join('.');
}
