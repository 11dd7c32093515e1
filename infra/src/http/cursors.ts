// Keyset cursors as clients see them: base64url of JSON, opaque by contract. Called by the query routes.
// A cursor is input like any other: it meets a schema when it comes back.

import type { z } from 'zod';

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { ProblemException } from '@wagerline/shared-kernel/problems';

const cursorLengthMax = 2_000;

export function encodeCursor(place: JsonObject): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Throws CURSOR_INVALID for a text that this endpoint did not make. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw new ProblemException('CURSOR_INVALID');
  return parsed.data;
}

function jsonOf(text: string): unknown {
  if (text.length > cursorLengthMax || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
