// The names under which one request can be followed: W3C traceparent and correlation id. Called by http.ts, once per request at most.

import { randomFillSync } from 'node:crypto';

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const correlationIdPattern = /^[A-Za-z0-9._:-]{1,100}$/;

/** Random bytes are drawn in bulk: one system call per request would cost more than everything else here. */
const idBytes = 24;
const pool = Buffer.alloc(idBytes * 512);
let poolOffset = pool.length;

/** The caller's traceparent where it is well-formed, a new one otherwise (as W3C Trace Context, section 3.2, asks). */
export function traceparentFrom(header: string | string[] | undefined): string {
  if (typeof header === 'string' && traceparentPattern.test(header)) return header;
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const hex = pool.toString('hex', poolOffset, (poolOffset += idBytes));
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
}

/** The caller's correlation id where it is a plain name, the trace id otherwise. It is stored in events, so no free text passes. */
export function correlationIdFrom(header: string | string[] | undefined, traceparent: string): string {
  if (typeof header === 'string' && correlationIdPattern.test(header)) return header;
  return traceparent.slice(3, 35);
}
