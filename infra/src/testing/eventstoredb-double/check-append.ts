// Whether an append is written, was written before, or is refused: the server's rules on expected versions and repeated events.
// Called by log.ts. It changes nothing.

import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { LogIndex, StreamState } from './log-index.ts';
import { metadataStreamOf, type ExpectedVersion } from './records.ts';

export type Check =
  | { readonly outcome: 'write' }
  /** These very events are there; `ordinal` is the last one's. */
  | { readonly outcome: 'repeated'; readonly ordinal: number }
  /** -1 = no stream. */
  | { readonly outcome: 'wrong-version'; readonly current: number }
  | { readonly outcome: 'deleted' };

export type AppendToCheck = { readonly stream: string; readonly expected: ExpectedVersion; readonly ids: readonly string[] };

export function checkAppend(index: LogIndex, { stream: name, expected, ids }: AppendToCheck, idAt: (ordinal: number) => string): Check {
  const stream = index.stream(name);
  if (stream?.isTombstoned === true) return { outcome: 'deleted' };
  const current = (stream?.ordinals.length ?? 0) - 1;
  switch (expected) {
    case 'stream-exists':
      if (stream?.isSoftDeleted === true) return { outcome: 'deleted' };
      if (current === -1 && index.stream(metadataStreamOf(name)) === undefined) return { outcome: 'wrong-version', current };
      return checkByIds(index, name, ids, current);
    case 'any':
      return checkByIds(index, name, ids, current);
    case 'no-stream':
      return checkExact(stream, -1, current, ids, idAt);
    default:
      return typeof expected === 'number' ? checkExact(stream, expected, current, ids, idAt) : unreachable(expected);
  }
}

/** No version to hold on to: only what is still remembered counts as known. */
function checkByIds(index: LogIndex, name: string, ids: readonly string[], current: number): Check {
  const [first] = ids;
  if (first === undefined || index.recentOrdinal(name, first) === undefined) return { outcome: 'write' };
  let last = 0;
  for (const id of ids) {
    const ordinal = index.recentOrdinal(name, id);
    if (ordinal === undefined) return { outcome: 'wrong-version', current };
    last = ordinal;
  }
  return { outcome: 'repeated', ordinal: last };
}

function checkExact(
  stream: StreamState | undefined,
  expected: number,
  current: number,
  ids: readonly string[],
  idAt: (ordinal: number) => string,
): Check {
  if (expected > current) return { outcome: 'wrong-version', current };
  if (expected === current || ids.length === 0) return expected === current ? { outcome: 'write' } : { outcome: 'wrong-version', current };
  let last = 0;
  for (const [index, id] of ids.entries()) {
    const ordinal = stream?.ordinals[expected + 1 + index];
    if (ordinal === undefined || idAt(ordinal) !== id) {
      const isNewStart = index === 0 && expected === -1 && stream?.isSoftDeleted === true;
      return isNewStart ? { outcome: 'write' } : { outcome: 'wrong-version', current };
    }
    last = ordinal;
  }
  return { outcome: 'repeated', ordinal: last };
}
