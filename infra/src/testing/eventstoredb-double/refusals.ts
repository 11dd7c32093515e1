// The errors of the EventStoreDB stand-in as its client reads them: a gRPC status whose trailers name the kind of error. Used by its calls.
// A trailer that is missing makes the client throw a TypeError of its own, so each kind has all of them here.

import grpc from '@grpc/grpc-js';
import { tombstoneRevision, revisionText, type ExpectedVersion } from './records.ts';

export class MissingMetadataError extends Error {
  override name = 'MissingMetadataError';
}

export type Refusal = { readonly code: grpc.status; readonly details: string; readonly metadata: grpc.Metadata };

/** A refusal on its way out of a call. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.details);
    this.refusal = refusal;
  }
}

function refusal(code: grpc.status, details: string, trailers: Readonly<Record<string, string>>): Refusal {
  const metadata = new grpc.Metadata();
  // Trailers are ASCII; names of streams may be anything.
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value.replaceAll(/[^\x20-\x7e]/g, '?'));
  return { code, details, metadata };
}

export function streamDeleted(stream: string): Refusal {
  const trailers = { exception: 'stream-deleted', 'stream-name': stream };
  return refusal(grpc.status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, trailers);
}

export function wrongVersion(stream: string, expected: ExpectedVersion, current: number): Refusal {
  const trailers = {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expectedNumber(expected)),
    'actual-version': String(current),
  };
  return refusal(grpc.status.FAILED_PRECONDITION, `Append failed due to WrongExpectedVersion. Stream: ${stream}`, trailers);
}

export function appendTooLarge(bytesMax: number): Refusal {
  const trailers = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(bytesMax) };
  return refusal(grpc.status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, trailers);
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof MissingMetadataError) {
    const trailers = { exception: 'missing-required-metadata-property', 'required-metadata-properties': 'type,content-type' };
    return refusal(grpc.status.INVALID_ARGUMENT, 'Required Metadata Property is missing.', trailers);
  }
  return refusal(grpc.status.UNKNOWN, error instanceof Error ? error.message : String(error), {});
}

function expectedNumber(expected: ExpectedVersion): number | string {
  if (expected === 'no-stream') return -1;
  if (expected === 'any') return -2;
  return expected === 'stream-exists' ? -4 : revisionText(Math.min(expected, tombstoneRevision));
}
