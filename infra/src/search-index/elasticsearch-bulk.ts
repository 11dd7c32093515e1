// Indexes documents in bulk and settles every one of them: written, there already, tried again, or refused. Used by elasticsearch.ts.
// A version makes each of them repeatable, so a batch whose answer was lost is simply sent again.

import { setTimeout as delay } from 'node:timers/promises';
import { errors, type Client, type estypes } from '@elastic/elasticsearch';
import { SearchDocumentsRefusedError, type RefusedDocument, type SearchDocument } from '@wagerline/shared-kernel/ports/search-index';
import type { Source } from './elasticsearch-query.ts';

export type BulkLimits = { readonly attemptsMax: number; readonly retryDelayMs: number; readonly bulkDocumentsMax: number };

type Outcome = 'settled' | 'again' | 'no index' | { readonly refused: string };

const reasonLengthMax = 300;

/** False when the index is not there. */
export async function indexAll(
  client: Client,
  index: string,
  documents: readonly SearchDocument[],
  sourceOf: (document: SearchDocument) => Source,
  limits: BulkLimits,
): Promise<boolean> {
  const refused: RefusedDocument[] = [];
  for (let start = 0; start < documents.length; start += limits.bulkDocumentsMax) {
    let pending = documents.slice(start, start + limits.bulkDocumentsMax);
    for (let attempt = 1; pending.length > 0; attempt += 1) {
      const outcomes = await sent(client, index, pending, sourceOf, attempt === limits.attemptsMax);
      if (outcomes.includes('no index')) return false;
      for (const [place, outcome] of outcomes.entries()) {
        if (typeof outcome === 'object') refused.push({ id: pending[place]?.id ?? '', reason: outcome.refused });
      }
      pending = pending.filter((_document, place) => outcomes[place] === 'again');
      if (pending.length === 0) break;
      if (attempt === limits.attemptsMax) throw new Error(`${index} was too busy for ${pending.length} documents, ${attempt} times`);
      await delay(limits.retryDelayMs * 2 ** (attempt - 1));
    }
  }
  if (refused.length > 0) throw new SearchDocumentsRefusedError(index, refused);
  return true;
}

/** Answers when what was written is found by searches. */
async function sent(
  client: Client,
  index: string,
  documents: readonly SearchDocument[],
  sourceOf: (document: SearchDocument) => Source,
  isLastAttempt: boolean,
): Promise<readonly Outcome[]> {
  const operations = documents.flatMap((document) => {
    const { id, version } = document;
    return [{ index: { _id: id, version, version_type: 'external' as const } }, sourceOf(document)];
  });
  try {
    const { items } = await client.bulk({ index, operations, refresh: 'wait_for' });
    return items.map((item) => outcomeOf(item.index));
  } catch (error) {
    if (isLastAttempt || !isPassing(error)) throw error;
    return documents.map(() => 'again');
  }
}

function outcomeOf(item: estypes.BulkResponseItem | undefined): Outcome {
  const status = item?.status ?? 500;
  if (status < 300) return 'settled';
  // The stored version is as new or newer.
  if (status === 409) return 'settled';
  if (status === 429 || status >= 500) return 'again';
  if (item?.error?.type === 'index_not_found_exception') return 'no index';
  return { refused: `${item?.error?.type ?? status}: ${item?.error?.reason ?? ''}`.slice(0, reasonLengthMax) };
}

/** The engine is away or over its limits, so the same again may go through. */
function isPassing(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return error.statusCode !== undefined && [429, 502, 503, 504].includes(error.statusCode);
  return error instanceof errors.ConnectionError || error instanceof errors.TimeoutError;
}
