// What a projection makes of a history, without store or bus: for the examples in project.test.ts.

import { catalogue, type DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { canonicalJson, type JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Projection } from '../projection.ts';

/** Documents by collection and id, each event applied in order at revision = position - 1 = its place in the list. */
export function documentsAfter(projection: Projection, events: readonly DomainEvent[], key = 'key'): ReadonlyMap<string, JsonObject> {
  const documents = new Map<string, JsonObject>();
  const versions = new Map<string, number>();
  let values: JsonObject = {};
  for (const [revision, event] of events.entries()) {
    const { type, at: _, ...payload } = event;
    assert(catalogue.get(type)?.payload.safeParse(payload).success === true, `the sample ${type} is an event of the catalogue`);
    values = projection.valuesAfter?.(values, event) ?? values;
    for (const target of projection.keysOf(event, { key, revision })) {
      const name = `${target.collection}/${target.id}`;
      assert(!target.isNew || !documents.has(name), `${type} comes first for ${name}`);
      const version = (versions.get(name) ?? 0) + 1;
      versions.set(name, version);
      const document = projection.project(target, documents.get(name), event, { key, revision, position: revision + 1, version, values });
      assert(canonicalJson(document) === canonicalJson(JSON.parse(JSON.stringify(document))), `the document after ${type} survives JSON`);
      documents.set(name, document);
    }
  }
  return documents;
}
