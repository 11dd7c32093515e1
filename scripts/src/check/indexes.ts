// Checker "indexes": every filter and sort that the query API can send, beside the declared index that serves it and its shard key; a query
// without one is a finding. Called by check.ts. The queries are those that the routes really send to stores that take notes.

import { findCoverage, keysCoverage, type Coverage } from '@wagerline/infra/index-coverage';
import { sentQueries, type SentQuery } from '@wagerline/query-side/testing-sent-queries';
import type { CollectionDeclaration } from '@wagerline/shared-kernel/ports/read-model-store';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { Verdict } from './checker.ts';

export type Line = { readonly text: string; readonly fault: string | undefined };

export async function checkIndexes(): Promise<Verdict> {
  const lines = (await sentQueries()).map(lineOf);
  for (const { text } of lines) console.log(`indexes: ${text}`);
  const findings = lines.flatMap(({ text, fault }) => (fault === undefined ? [] : [`${text}\n${fault}`]));
  // What is read are queries; no file of the tree is opened.
  return { findings, filesSeen: lines.length };
}

export function lineOf(sent: SentQuery): Line {
  switch (sent.kind) {
    case 'find': {
      const declaration = declarationOf(sent.model, sent.query.collection);
      return line(sent, `${sent.model}.${declaration.name}`, declaration.shardKey, findCoverage(declaration, sent.query));
    }
    case 'keys': {
      const shardKey = sent.collection === '_watermarks' ? 'stream' : declarationOf(sent.model, sent.collection).shardKey;
      return line(sent, `${sent.model}.${sent.collection}`, shardKey, keysCoverage(sent.keys.map(({ shard, id }) => ({ shard, _id: id }))));
    }
    case 'search':
      return searchLine(sent);
    default:
      return unreachable(sent);
  }
}

function line({ request }: SentQuery, collection: string, shardKey: string, { filter, sort, index, fault }: Coverage): Line {
  const served = fault === undefined ? `index ${index} | shard key ${shardKey}` : 'NOT SERVED';
  return { text: [request, collection, `filter ${filter}`, `sort ${sort === '' ? 'none' : sort}`, served].join(' | '), fault };
}

/** One shard by default, asked as a whole: nothing narrows a search but its declared fields. */
function searchLine({ request, index, query }: Extract<SentQuery, { kind: 'search' }>): Line {
  const declared = readModels.find(({ search }) => search?.name === index)?.search;
  const filters = Object.keys(query.filters);
  const undeclared = filters.filter((field) => declared?.filterFields.includes(field) !== true);
  const asked = [...(query.text === '' ? [] : [`words in ${declared?.textFields.join(', ') ?? 'nothing'}`]), ...filters.map((field) => `${field} =`)];
  const text = [request, `search ${index}`, `filter ${asked.length === 0 ? 'none' : asked.join(', ')}`, 'sort score descending, id ascending'].join(' | ');
  if (undeclared.length > 0) return { text: `${text} | NOT SERVED`, fault: `no declared field of search index ${index}: ${undeclared.join(', ')}` };
  return { text: `${text} | declared fields of ${index}`, fault: undefined };
}

function declarationOf(model: string, collection: string): CollectionDeclaration {
  const found = readModels.find(({ name }) => name === model)?.collections.find(({ name }) => name === collection);
  if (found === undefined) throw new Error(`${model} declares no collection ${collection}`);
  return found;
}
