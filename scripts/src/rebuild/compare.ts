// One log projected through several sets of adapters, each time from nothing and over its own bus: what every read model says then, as
// hashes that must be equal. Called by rebuild.ts and its tests. What it writes is its caller's to take away.

import type { Logger } from '@wagerline/infra/logger';
import type { ProjectionStores } from '@wagerline/infra/open-infra';
import { startProjections, type Projections } from '@wagerline/projections/start';
import type { SearchIndex } from '@wagerline/shared-kernel/ports/search-index';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { fixtureOf } from '@wagerline/shared-kernel/read-models/fixture-search';
import { sha256Hex } from '@wagerline/shared-kernel/values/ids';
import { canonicalJson } from '@wagerline/shared-kernel/values/json';
import type { ServedLog } from './served-log.ts';

export type Side = { readonly name: string; readonly stores: ProjectionStores };
export type Said = { readonly sha256: string; readonly documentCount: number };
export type ComparedModel = { readonly model: string; readonly sides: Readonly<Record<string, Said>>; readonly isEqual: boolean };
export type Comparison = {
  readonly position: number;
  readonly models: readonly ComparedModel[];
  /** What no comparison of hashes would show. */
  readonly findings: readonly string[];
};

const generation = 1;
const searchPageSize = 1_000;
const batchSizeMax = 1_000;

export async function compareSides(log: ServedLog, sides: readonly Side[], logger: Logger, onProgress: (text: string) => void): Promise<Comparison> {
  const findings: string[] = [];
  const said = new Map<string, Record<string, Said>>();
  for (const side of sides) {
    for (const [model, one] of await projected(log, side, logger, onProgress, findings)) said.set(model, { ...said.get(model), [side.name]: one });
  }
  const models = [...said].map(([model, ofSides]) => {
    const hashes = sides.map(({ name }) => ofSides[name]?.sha256);
    return { model, sides: ofSides, isEqual: hashes.every((hash) => hash !== undefined && hash === hashes[0]) };
  });
  return { position: log.end, models, findings };
}

/** The generations are there and empty when the projections start: every event comes over the bus, none by a fill. */
async function projected(
  log: ServedLog,
  { name, stores }: Side,
  logger: Logger,
  onProgress: (text: string) => void,
  findings: string[],
): Promise<ReadonlyMap<string, Said>> {
  for (const { name: model, collections, search } of readModels) {
    await stores.readModels.prepare({ model, generation }, collections);
    if (search !== undefined) await stores.search.prepare(generation, search);
    await stores.readModels.activate({ model, generation });
  }
  const projections = await startProjections({ ...stores, eventStore: log, logger }, { limits: { batchSizeMax } });
  try {
    for await (const { events, position } of log.pages()) {
      await stores.bus.publish(events, position);
      onProgress(`${name}: published up to ${position} of ${log.end}`);
    }
    await projections.caughtUp();
    findings.push(...(await findingsOf(projections)).map((finding) => `${name}: ${finding}`));
    return await saidBy(projections, stores.search);
  } finally {
    await projections.stop();
  }
}

async function findingsOf(projections: Projections): Promise<readonly string[]> {
  return (await projections.status()).flatMap(({ model, gapsFilled, parkedCount, generation: live }) => [
    ...(gapsFilled > 0 ? [`${model}: ${gapsFilled} events were missing on the bus`] : []),
    ...(parkedCount > 0 ? [`${model}: ${parkedCount} keys are parked`] : []),
    ...(live !== generation ? [`${model}: it was built anew, from the log and not from the bus`] : []),
  ]);
}

async function saidBy(projections: Projections, search: SearchIndex): Promise<ReadonlyMap<string, Said>> {
  const said = new Map<string, Said>();
  for (const { name, search: index } of readModels) {
    said.set(name, await projections.hashLive(name));
    if (index !== undefined) said.set(`${name}, index`, await indexSaid(search, index.name));
  }
  return said;
}

/** Everything that a search for nothing finds. The counter tells in which order the streams of a fixture came, which the bus leaves open. */
async function indexSaid(search: SearchIndex, name: string): Promise<Said> {
  const lines: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const answer = await search.search(name, generation, { text: '', filters: {}, limit: searchPageSize, ...(cursor !== undefined && { cursor }) });
    for (const { id, document } of answer.hits) {
      const { counter: _order, applied: _progress, ...shown } = fixtureOf(document);
      lines.push(canonicalJson([id, shown]));
    }
    cursor = answer.cursor;
  }
  return { sha256: sha256Hex(lines.toSorted().join('\n')), documentCount: lines.length };
}
