// What a search index looks like in Elasticsearch, and how a query of the port becomes one of its own. Pure; used by elasticsearch.ts.
// Words are folded here, by the same function as in the embedded index, so both find the same; the engine sees words, no text.

import type { estypes } from '@elastic/elasticsearch';
import type { SearchDocument, SearchIndexDeclaration } from '@wagerline/shared-kernel/ports/search-index';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import { filterOf } from './embedded-tables.ts';
import { foldWords } from './fold-words.ts';

/** A document as it is indexed; `document` is kept and given back, and not looked into. */
export type Source = {
  readonly id: string;
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly filters: Readonly<Record<string, string | null>>;
  readonly document: JsonObject;
};

type Query = NonNullable<estypes.SearchRequest['query']>;

const queryWordsMax = 32;
/** Longer than any name; a longer word is kept in the document and not found. */
const wordLengthMax = 200;

/** Every field is declared: a document with another one is refused by the engine. */
export function mappingsOf({ textFields, filterFields }: SearchIndexDeclaration, declaration: string): estypes.MappingTypeMapping {
  const word: estypes.MappingProperty = { type: 'keyword', doc_values: false, ignore_above: wordLengthMax };
  const all = (fields: readonly string[], property: estypes.MappingProperty) => Object.fromEntries(fields.map((field) => [field, property]));
  return {
    dynamic: 'strict',
    _meta: { declaration },
    properties: {
      id: { type: 'keyword' },
      words: { properties: all(textFields, word) },
      filters: { properties: all(filterFields, { type: 'keyword' }) },
      document: { type: 'object', enabled: false },
    },
  };
}

export function sourceOf({ textFields, filterFields }: SearchIndexDeclaration, { id, document }: SearchDocument): Source {
  return {
    id,
    words: Object.fromEntries(textFields.map((field) => [field, wordsOf(document, field)])),
    filters: Object.fromEntries(filterFields.map((field) => [field, filterOf(document, field)])),
    document,
  };
}

/** Every word must match, and scores by the best field and way in which it does; filters only leave out. */
export function queryOf(
  declaration: SearchIndexDeclaration,
  text: string,
  filters: Readonly<Record<string, string>>,
): Query {
  const words = foldWords(text);
  if (words.length > queryWordsMax) throw new ProblemException('QUERY_INVALID', { detail: `a search has at most ${queryWordsMax} words` });
  const filter = Object.entries(filters).map(([field, value]): Query => {
    assert(declaration.filterFields.includes(field), `search index ${declaration.name} declares no filter ${field}`);
    return { term: { [`filters.${field}`]: value } };
  });
  const must = words.map((word, place) => wordQuery(declaration.textFields, word, place === words.length - 1));
  return { bool: { must: must.length === 0 ? [{ match_all: {} }] : must, filter } };
}

/**
 * Scores are constants: exact 4, 2, 1 from the most important of three fields on, times 8; as a prefix three quarters of that;
 * mistyped an eighth. So any exact match is above any mistyped one, sums are exact in 32 bits, and a document's score depends on
 * nothing but itself: pages stay in order while others are indexed.
 */
function wordQuery(textFields: readonly string[], word: string, isLast: boolean): Query {
  const queries = textFields.flatMap((field, place) => {
    const path = `words.${field}`;
    const mistyped = 2 ** (textFields.length - 1 - place);
    const exact = mistyped * 2 ** textFields.length;
    const ways = [scored({ term: { [path]: word } }, exact), scored({ fuzzy: { [path]: { value: word, ...mistakes } } }, mistyped)];
    return isLast ? [...ways, scored({ prefix: { [path]: word } }, exact * 0.75)] : ways;
  });
  return { dis_max: { queries } };
}

/** One mistake from four letters on, two from eight; never in the first letter. */
const mistakes = { fuzziness: 'AUTO:4,8', prefix_length: 1, max_expansions: 50 } as const;

function scored(filter: Query, boost: number): Query {
  return { constant_score: { filter, boost } };
}

function wordsOf(document: JsonObject, field: string): readonly string[] {
  const value = document[field] ?? '';
  return [value].flat().flatMap((text) => foldWords(String(text)));
}
