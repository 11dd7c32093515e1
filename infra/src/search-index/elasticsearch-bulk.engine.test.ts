import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { match, matches } from './contract.ts';
import { openTestIndexes, type TestIndexes } from './testing-elasticsearch.ts';

type Busy = { readonly url: string; readonly bulks: () => number; close(): Promise<void> };
type Answer = { readonly status: number; readonly body: string };

/** In front of the engine: answers the first bulk requests by itself, as an engine over its limits does, and hands on all others. */
async function openBusyProxy(answer: (bulk: number, body: string) => Answer | undefined): Promise<Busy> {
  let bulks = 0;
  const forwarded = async (request: IncomingMessage, body: string): Promise<Answer> => {
    const { method = 'GET', url = '/', headers } = request;
    const passed = { accept: String(headers.accept), 'content-type': String(headers['content-type'] ?? 'application/json') };
    const response = await fetch(engineUrl('elasticsearch') + url, { method, headers: passed, ...(body !== '' && { body }) });
    return { status: response.status, body: await response.text() };
  };
  const handle = async (request: IncomingMessage): Promise<Answer> => {
    const body = await text(request);
    if (request.url?.includes('_bulk') === true) bulks += 1;
    const own = request.url?.includes('_bulk') === true ? answer(bulks, body) : undefined;
    return own ?? forwarded(request, body);
  };
  const server = createServer((request, response) => {
    handle(request).then(
      ({ status, body }) => {
        const headers = { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=9', 'x-elastic-product': 'Elasticsearch' };
        response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, bulks: () => bulks, close };
}

const tooMany = { status: 429, body: '{"error":{"type":"es_rejected_execution_exception","reason":"full"},"status":429}' };
const eachTooMany = (body: string): Answer => {
  const item = { index: { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'full' } } };
  const items = new Array(body.trimEnd().split('\n').length / 2).fill(item);
  return { status: 200, body: JSON.stringify({ took: 1, errors: true, items }) };
};

describeEngine('elasticsearch', () => {
  let indexes: TestIndexes;
  beforeEach(() => {
    indexes = openTestIndexes();
  });
  afterEach(() => indexes.close());

  const documents = [match('f1', 'Leeds', 'Norwich'), match('f2', 'Leeds', 'Fulham'), match('f3', 'Arsenal', 'Leeds')];
  const all = { text: '', filters: {}, limit: 10 };

  test('what a busy engine did not take is sent again, request by request and document by document', async () => {
    const proxy = await openBusyProxy((bulk, body) => (bulk === 1 ? tooMany : bulk === 2 ? eachTooMany(body) : undefined));
    const index = indexes.open({ url: proxy.url, bulk: { retryDelayMs: 1 } });
    await index.prepare(1, matches);
    await index.index('matches', 1, documents);
    expect((await index.search('matches', 1, all)).hits).toEqual(documents);
    expect(proxy.bulks()).toBe(3);
    await index.close();
    await proxy.close();
  });

  test('an engine that stays busy is given up, and takes the same documents later', async () => {
    let isBusy = true;
    const proxy = await openBusyProxy((_bulk, body) => (isBusy ? eachTooMany(body) : undefined));
    const index = indexes.open({ url: proxy.url, bulk: { retryDelayMs: 1, attemptsMax: 3 } });
    await index.prepare(1, matches);
    await expect(index.index('matches', 1, documents)).rejects.toThrow('too busy for 3 documents');
    expect(proxy.bulks()).toBe(3);
    isBusy = false;
    await index.index('matches', 1, documents);
    expect((await index.search('matches', 1, all)).hits).toEqual(documents);
    await index.close();
    await proxy.close();
  });

  test('a document that the engine refuses is named, and keeps none of the others back', async () => {
    const index = indexes.open({ bulk: { bulkDocumentsMax: 2 } });
    await index.prepare(1, matches);
    const refused = match('f9', 'Leeds', 'Burnley', { status: 'x'.repeat(40_000) });
    const indexing = index.index('matches', 1, [refused, ...documents]);
    await expect(indexing).rejects.toMatchObject({ name: 'SearchDocumentsRefusedError', documents: [{ id: 'f9' }] });
    expect((await index.search('matches', 1, all)).hits).toEqual(documents);
  });

  test('of many writers of one document the newest version stays, and none of them fails', async () => {
    const writers = Array.from({ length: 4 }, () => indexes.open());
    await writers[0]?.prepare(1, matches);
    const versions = Array.from({ length: 40 }, (_, n) => 1 + ((n * 23) % 40));
    const write = async (version: number, n: number): Promise<void> => {
      await writers[n % writers.length]?.index('matches', 1, [{ ...match('f1', `Leeds ${version}`, 'Norwich'), version }]);
    };
    await Promise.all(versions.map(write));
    expect((await writers[0]?.search('matches', 1, all))?.hits).toEqual([{ ...match('f1', 'Leeds 40', 'Norwich'), version: 40 }]);
  });
});
