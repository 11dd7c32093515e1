// The search index: whole documents with an external version, full text with prefixes and folded diacritics, ranked.

import type { JsonObject } from '../values/json.ts';

export type SearchIndexDeclaration = {
  readonly name: string;
  /** Fields searched as text, most important first. */
  readonly textFields: readonly string[];
  /** Fields filtered by equality. */
  readonly filterFields: readonly string[];
};

export type SearchDocument = { readonly id: string; readonly version: number; readonly document: JsonObject };

export type SearchQuery = {
  /** Words as typed; every word must match, the last one as a prefix. Empty = all. */
  readonly text: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly limit: number;
  /** Opaque continuation of an earlier answer. */
  readonly cursor?: string;
};

export type SearchAnswer = { readonly hits: readonly SearchDocument[]; readonly cursor?: string };

export type RefusedDocument = { readonly id: string; readonly reason: string };

/** The index will never take these documents as they are; all others of the batch are indexed. */
export class SearchDocumentsRefusedError extends Error {
  override name = 'SearchDocumentsRefusedError';
  readonly documents: readonly RefusedDocument[];

  constructor(index: string, documents: readonly RefusedDocument[]) {
    super(`${index} refused ${documents.length} documents, the first for ${documents[0]?.reason ?? 'no reason'}`);
    this.documents = documents;
  }
}

export type SearchIndex = {
  prepare(generation: number, declaration: SearchIndexDeclaration): Promise<void>;
  /** False where the generation was never prepared, was dropped or is lost. */
  exists(name: string, generation: number): Promise<boolean>;
  /** A version that is not newer than the stored one is skipped: already there. @throws SearchDocumentsRefusedError */
  index(name: string, generation: number, documents: readonly SearchDocument[]): Promise<void>;
  search(name: string, generation: number, query: SearchQuery): Promise<SearchAnswer>;
  drop(name: string, generation: number): Promise<void>;
  close(): Promise<void>;
};
