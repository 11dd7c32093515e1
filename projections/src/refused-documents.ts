// What becomes of a batch some of whose documents the search index will never take: the streams that changed them are parked, at the
// first of their events in this batch, and all others go on. Called by generation-writer.ts. Pure.

import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import type { RefusedDocument } from '@wagerline/shared-kernel/ports/search-index';
import type { Step } from './fold-batch.ts';

export function parkedByRefusal(steps: readonly Step[], refused: readonly RefusedDocument[]): readonly ParkedKey[] {
  const reasons = new Map(refused.map(({ id, reason }) => [id, reason]));
  const parked = new Map<string, ParkedKey>();
  for (const { parkedAs: stream, event, working } of steps) {
    const target = working.find(({ key }) => reasons.has(key.id));
    if (target === undefined || parked.has(stream)) continue;
    const reason = `the search index refuses ${target.key.id}: ${reasons.get(target.key.id) ?? ''}`;
    parked.set(stream, { stream, revision: event.revision, position: event.position, reason });
  }
  return [...parked.values()];
}
