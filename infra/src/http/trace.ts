// The names under which one request can be followed: W3C traceparent and correlation id. Called by http.ts, once per request at most.

import { randomFillSync } from 'node:crypto';

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const correlationIdPattern = /^[A-Za-z0-9._:-]{1,100}$/;

/** New ones are made by the hundred: one request at a time would pay a system call and cold code for its 24 random bytes. */
const batchSize = 256;
const randomBytes = Buffer.alloc(batchSize * 24);
const fresh: string[] = [];

/** The caller's traceparent where it is well-formed, a new one otherwise (as W3C Trace Context, section 3.2, asks). */
export function traceparentFrom(header: string | string[] | undefined): string {
  if (typeof header === 'string' && traceparentPattern.test(header)) return header;
  if (fresh.length === 0) makeFresh();
  return fresh.pop() ?? '';
}

/** The caller's correlation id where it is a plain name, the trace id otherwise. It is stored in events, so no free text passes. */
export function correlationIdFrom(header: string | string[] | undefined, traceparent: string): string {
  if (typeof header === 'string' && correlationIdPattern.test(header)) return header;
  return traceparent.slice(3, 35);
}

function makeFresh(): void {
  const hex = randomFillSync(randomBytes).toString('hex');
  for (let offset = 0; offset < hex.length; offset += 48) {
    fresh.push(`00-${hex.slice(offset, offset + 32)}-${hex.slice(offset + 32, offset + 48)}-01`);
  }
}
