// The search index on Elasticsearch: one index per declared index and generation, whole documents with an external version.
// Its pages go on behind (score, id): scores are constants, so no page needs a snapshot that somebody would have to close.
// It never lets the engine make an index or a field by itself.

import { Client, errors } from '@elastic/elasticsearch';
import type {
  SearchAnswer,
  SearchDocument,
  SearchIndex,
  SearchIndexDeclaration,
  SearchQuery,
} from '@wagerline/shared-kernel/ports/search-index';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../http/cursors.ts';
import { indexAll, type BulkLimits } from './elasticsearch-bulk.ts';
import { mappingsOf, queryOf, sourceOf, type Source } from './elasticsearch-query.ts';

export type ElasticsearchIndexOptions = {
  readonly url: string;
  /** Of all index names, so that several deployments can share a cluster. */
  readonly prefix?: string;
  /** For queries: never writes. */
  readonly readOnly?: boolean;
  readonly searchTimeoutMs?: number;
  readonly writeTimeoutMs?: number;
  /** What is written is found after this time; writes wait for it. */
  readonly refreshIntervalMs?: number;
  readonly shardCount?: number;
  readonly bulk?: Partial<BulkLimits>;
};

const searchLimitMax = 1000;
const place = z.strictObject({ score: z.number(), id: z.string() });
const bulkDefaults: BulkLimits = { attemptsMax: 5, retryDelayMs: 100, bulkDocumentsMax: 1_000 };
const templatePriority = 500;

export function openElasticsearchIndex(options: ElasticsearchIndexOptions): SearchIndex {
  return new ElasticsearchIndex(options);
}

class ElasticsearchIndex implements SearchIndex {
  readonly #client: Client;
  readonly #prefix: string;
  readonly #isReader: boolean;
  readonly #searchTimeoutMs: number;
  readonly #settings: { readonly refreshIntervalMs: number; readonly shardCount: number };
  readonly #bulk: BulkLimits;
  readonly #known = new Map<string, SearchIndexDeclaration>();
  #isClosed = false;

  constructor(options: ElasticsearchIndexOptions) {
    const { url, prefix = 'wagerline', readOnly = false, searchTimeoutMs = 2_000, writeTimeoutMs = 30_000, bulk } = options;
    this.#prefix = prefix;
    this.#isReader = readOnly;
    this.#searchTimeoutMs = searchTimeoutMs;
    this.#settings = { refreshIntervalMs: options.refreshIntervalMs ?? 50, shardCount: options.shardCount ?? 1 };
    this.#bulk = { ...bulkDefaults, ...bulk };
    // Writes are tried again by elasticsearch-bulk.ts, document by document; a search that fails is for its reader to repeat.
    this.#client = new Client({ node: url, requestTimeout: writeTimeoutMs, maxRetries: 0 });
  }

  async prepare(generation: number, { name, textFields, filterFields }: SearchIndexDeclaration): Promise<void> {
    assert(textFields.length > 0, `search index ${name} has a text field`);
    const client = this.#writer();
    const index = this.#nameOf(name, generation);
    const declaration = canonicalJson({ name, textFields, filterFields });
    await this.#putTemplate(client);
    try {
      await client.indices.create({
        index,
        settings: {
          number_of_shards: this.#settings.shardCount,
          auto_expand_replicas: '0-1',
          refresh_interval: `${this.#settings.refreshIntervalMs}ms`,
        },
        mappings: mappingsOf({ name, textFields, filterFields }, declaration),
      });
    } catch (error) {
      if (!isProblem(error, 'resource_already_exists_exception')) throw error;
    }
    this.#known.delete(index);
    const made = await this.#declarationOf(client, index);
    assert(made !== undefined && canonicalJson(made) === declaration, `search index ${name} is declared otherwise: a new declaration needs a new generation`);
  }

  /** A write that comes after a drop must not bring the index back with guessed fields, whatever the cluster allows otherwise. */
  async #putTemplate(client: Client): Promise<void> {
    await client.indices.putIndexTemplate({
      name: this.#prefix,
      index_patterns: [`${this.#prefix}-*`],
      priority: templatePriority,
      allow_auto_create: false,
      template: { mappings: { dynamic: 'strict' } },
    });
  }

  async exists(name: string, generation: number): Promise<boolean> {
    return this.#open().indices.exists({ index: this.#nameOf(name, generation) }, { requestTimeout: this.#searchTimeoutMs });
  }

  /** @throws SearchDocumentsRefusedError after all others are indexed */
  async index(name: string, generation: number, documents: readonly SearchDocument[]): Promise<void> {
    const client = this.#writer();
    const index = this.#nameOf(name, generation);
    const declaration = await this.#declarationOf(client, index);
    const isThere = declaration !== undefined && (await indexAll(client, index, documents, (each) => sourceOf(declaration, each), this.#bulk));
    if (isThere) return;
    this.#known.delete(index);
    assert(false, `generation ${generation} of search index ${name} is prepared before it is written`);
  }

  async search(name: string, generation: number, query: SearchQuery): Promise<SearchAnswer> {
    const { text, filters, limit } = query;
    assert(Number.isSafeInteger(limit) && limit > 0 && limit <= searchLimitMax, `search takes a limit of 1 to ${searchLimitMax}`);
    const after = query.cursor === undefined ? undefined : decodeCursor(place, query.cursor);
    const client = this.#open();
    const index = this.#nameOf(name, generation);
    const declaration = await this.#declarationOf(client, index);
    if (declaration === undefined) return { hits: [] };
    const answer = await client.search<Source>(
      {
        index,
        query: queryOf(declaration, text, filters),
        sort: [{ _score: { order: 'desc' } }, { id: { order: 'asc' } }],
        // One hit more than asked for tells whether there are more.
        size: limit + 1,
        ...(after !== undefined && { search_after: [after.score, after.id] }),
        version: true,
        track_total_hits: false,
        // Fewer hits than there are would look like an answer.
        allow_partial_search_results: false,
        ignore_unavailable: true,
      },
      { requestTimeout: this.#searchTimeoutMs },
    );
    const found = answer.hits.hits.flatMap(({ _source: source, _version: version, _score: score }) =>
      source === undefined || version === undefined ? [] : [{ id: source.id, version, document: source.document, score: score ?? 0 }],
    );
    const hits = found.slice(0, limit).map(({ id, version, document }) => ({ id, version, document }));
    const last = found[limit - 1];
    return found.length <= limit || last === undefined ? { hits } : { hits, cursor: encodeCursor({ score: last.score, id: last.id }) };
  }

  async drop(name: string, generation: number): Promise<void> {
    const index = this.#nameOf(name, generation);
    await this.#writer().indices.delete({ index, ignore_unavailable: true });
    this.#known.delete(index);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client.close();
  }

  #nameOf(name: string, generation: number): string {
    return `${this.#prefix}-${name}-${generation}`;
  }

  /** It stands with the index and never changes. Undefined: there is no such index. */
  async #declarationOf(client: Client, index: string): Promise<SearchIndexDeclaration | undefined> {
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    try {
      const answer = await client.indices.getMapping({ index }, { requestTimeout: this.#searchTimeoutMs });
      const stored: unknown = answer[index]?.mappings._meta?.['declaration'];
      assert(typeof stored === 'string', `index ${index} was made by this adapter`);
      const declaration: SearchIndexDeclaration = JSON.parse(stored);
      this.#known.set(index, declaration);
      return declaration;
    } catch (error) {
      if (isProblem(error, 'index_not_found_exception')) return undefined;
      throw error;
    }
  }

  #open(): Client {
    assert(!this.#isClosed, 'the search index is open');
    return this.#client;
  }

  #writer(): Client {
    assert(!this.#isReader, 'this search index was opened for reading');
    return this.#open();
  }
}

const problemBody = z.object({ error: z.object({ type: z.string() }) });

function isProblem(error: unknown, type: string): boolean {
  if (!(error instanceof errors.ResponseError)) return false;
  const body = problemBody.safeParse(error.body);
  return body.success && body.data.error.type === type;
}
