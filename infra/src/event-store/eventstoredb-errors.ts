// What an error of the EventStoreDB client means to the port: nothing was written, nobody knows, or not ours to translate.
// Used by the other eventstoredb files.

import { OutcomeUnknownError, StoreUnavailableError } from '@wagerline/shared-kernel/ports/event-store';

/** The client's own errors have a `type`; those of the layer below only a gRPC status code. */
type ClientError = Error & { readonly type?: unknown; readonly code?: unknown };

const lostTypes = new Set<unknown>(['unavailable', 'cancelled', 'deadline-exceeded', 'timeout', 'not-leader']);
/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const lostCodes = new Set<unknown>([1, 4, 14]);
/** How gRPC words it when a call never left this process. */
const neverSent = /No connection established|Name resolution failed|Failed to discover/;

function isLost(error: ClientError): boolean {
  return lostTypes.has(error.type) || lostCodes.has(error.code);
}

/** An append failed without an answer of the server. */
export function appendFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (neverSent.test(error.message)) return new StoreUnavailableError('the event store cannot be reached', { cause: error });
  return isLost(error) ? new OutcomeUnknownError('the event store did not answer an append', { cause: error }) : error;
}

/** A read failed: it changed nothing, so it may simply be tried again. */
export function readFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isAway = neverSent.test(error.message) || isLost(error);
  return isAway ? new StoreUnavailableError('the event store did not answer a read', { cause: error }) : error;
}
