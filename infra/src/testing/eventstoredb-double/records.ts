// What the EventStoreDB stand-in keeps: events, and the line that one append is in its file. Used by the other files of this folder.
// One append is one line, so that after a crash it is there as a whole or not at all.

import { z } from 'zod';

/** As the client proposes it: bytes, whose meaning the server does not look at. */
export type ProposedEvent = {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type StoredEvent = ProposedEvent & {
  readonly stream: string;
  /** `tombstoneRevision` stands for the last revision of all. */
  readonly revision: number;
  readonly position: number;
  /** 100 ns steps since 1970, decimal. */
  readonly created: string;
};

export type ExpectedVersion = number | 'no-stream' | 'any' | 'stream-exists';

export type Line = { readonly stream: string; readonly firstRevision: number; readonly created: string; readonly events: readonly ProposedEvent[] };

/** Revisions on the wire are 64 bits wide; in here the largest of them is this number. */
export const tombstoneRevision = Number.MAX_SAFE_INTEGER;
export const tombstoneType = '$streamDeleted';
export const metadataType = '$metadata';
const largestRevisionText = '9223372036854775807';
export const softDeletedMetadata = `{"$tb":${largestRevisionText}}`;

export const metadataStreamOf = (stream: string): string => `$$${stream}`;
export const isMetadataStream = (stream: string): boolean => stream.startsWith('$$');
export const revisionText = (revision: number): string => (revision === tombstoneRevision ? largestRevisionText : String(revision));
export const ticksOf = (epochMs: number): string => String(BigInt(epochMs) * 10_000n);

const storedLine = z.tuple([
  z.string(),
  z.int(),
  z.string(),
  z.array(z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()])),
]);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

export function encodeLine({ stream, firstRevision, created, events }: Line): Buffer {
  const fields = events.map(({ id, type, contentType, data, metadata }) => [id, type, contentType, base64(data), base64(metadata)]);
  return Buffer.from(`${JSON.stringify([stream, firstRevision, created, fields])}\n`);
}

export function decodeLine(text: string): Line {
  const [stream, firstRevision, created, fields] = storedLine.parse(JSON.parse(text));
  const bytes = (field: string): Buffer => Buffer.from(field, 'base64');
  const events = fields.map(([id, type, contentType, data, metadata]) => ({ id, type, contentType, data: bytes(data), metadata: bytes(metadata) }));
  return { stream, firstRevision, created, events };
}
