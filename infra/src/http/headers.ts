// The request headers that Wagerline gives a meaning: parsed or refused, never passed on unchecked. Called by route handlers.

import type { IncomingMessage } from 'node:http';

import { ProblemException } from '@wagerline/shared-kernel/problems';

export type StreamRevision = { readonly stream: string; readonly revision: number };

const visibleAscii = /^[\x21-\x7e]{1,255}$/;
const streamAtRevision = /^([A-Za-z0-9._:-]{1,200})@(0|[1-9]\d{0,15})$/;

/** The client's `Idempotency-Key`: 1 to 255 visible ASCII characters, else IDEMPOTENCY_KEY_MISSING or HEADER_INVALID. */
export function idempotencyKeyOf(request: Pick<IncomingMessage, 'headers'>): string {
  const key = request.headers['idempotency-key'];
  if (key === undefined) throw new ProblemException('IDEMPOTENCY_KEY_MISSING');
  if (typeof key !== 'string' || !visibleAscii.test(key)) throw headerInvalid('Idempotency-Key', '1 to 255 visible ASCII characters');
  return key;
}

/** `Wagerline-Min-Revision: {stream}@{revision}`: what the reader has written and wants to see; undefined when not asked. */
export function minRevisionOf(request: Pick<IncomingMessage, 'headers'>): StreamRevision | undefined {
  const header = request.headers['wagerline-min-revision'];
  if (header === undefined) return undefined;
  const [, stream, digits] = (typeof header === 'string' && streamAtRevision.exec(header)) || [];
  const revision = Number(digits);
  if (stream === undefined || !Number.isSafeInteger(revision)) throw headerInvalid('Wagerline-Min-Revision', '{stream}@{revision}');
  return { stream, revision };
}

/** The value of `ETag` for an answer that shows a stream at a revision; the same text goes into `Wagerline-Min-Revision`, unquoted. */
export function etagOf(at: StreamRevision): string {
  return `"${at.stream}@${at.revision}"`;
}

/** `expected` says what the header has to look like. */
export function headerInvalid(name: string, expected: string): ProblemException {
  return new ProblemException('HEADER_INVALID', { errors: [{ pointer: name, detail: `expected ${expected}` }] });
}
