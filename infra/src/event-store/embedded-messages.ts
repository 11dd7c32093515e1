// What clients and the writer thread of the embedded log say to each other through a MessagePort.
// Short arrays of strings and numbers, many per message: they are what structured cloning copies fastest.

import type { MessagePort } from 'node:worker_threads';

/** Expected revisions as numbers: -1 = no stream, -2 = any. */
export const noStream = -1;
export const anyRevision = -2;

export const headerLength = 5;
export const fieldsPerEvent = 4;

/** After the header four strings per event: id, type, data, metadata (both JSON text). `maxCount` 0 = the stream is kept whole. */
export type AppendRequest = readonly [op: 'append', seq: number, stream: string, expected: number, maxCount: number, ...events: string[]];

/** Three values per lease: name, expected version, data (JSON text). */
export type LeaseRequest = readonly [op: 'leases', seq: number, ...items: (string | number)[]];

export type SnapshotRequest = readonly [op: 'snapshot', seq: number, name: string, data: string];

/** Asks for one message as soon as the head is past `knownHead`. At most one is outstanding per client, so no queue can grow. */
export type ListenRequest = readonly [op: 'listen', seq: 0, knownHead: number];

export type Request = AppendRequest | LeaseRequest | SnapshotRequest | ListenRequest;

export type Reply =
  /** Just written: positions are consecutive from `first`. */
  | readonly [outcome: 'written', seq: number, revision: number, first: number]
  /** These very events were there already. */
  | readonly [outcome: 'repeated', seq: number, revision: number, positions: readonly number[]]
  | readonly [outcome: 'conflict', seq: number, revision: number]
  | readonly [outcome: 'leases', seq: number, written: readonly boolean[]]
  | readonly [outcome: 'snapshot', seq: number]
  /** Certainly not written. */
  | readonly [outcome: 'unavailable', seq: number, reason: string];

/** Answers, or none: then it is the news that a client listens for. How far the log has come stands in the shared memory (shared-heads.ts). */
export type FromWriter = readonly Reply[];

/** From the root to the writer thread. */
export type Control =
  | { readonly control: 'connect'; readonly port: MessagePort }
  | { readonly control: 'limit-pages'; readonly pagesMax: number }
  | { readonly control: 'close' };

export type WriterData = { readonly dataDir: string; readonly sharedHeads: SharedArrayBuffer };
