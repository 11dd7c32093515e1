// Plain JSON values: what events, documents and HTTP bodies are made of. No Date, Map or bigint ever crosses a border.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** JSON text with object keys sorted at every level: the one form that is hashed and compared. */
export function canonicalJson(value: Json): string {
  // Written by the engine in one go wherever its order of members is ours: this runs for every bet.
  const copy = inOrder(value);
  return copy === undefined ? textOf(value) : JSON.stringify(copy);
}

/** A copy whose members were set in order. Undefined: it has a key that an object does not keep in the order of setting. */
function inOrder(value: Json): Json | undefined {
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const copy = inOrder(item);
      if (copy === undefined) return undefined;
      items.push(copy);
    }
    return items;
  }
  const members: { [key: string]: Json } = {};
  for (const key of sortedKeys(value)) {
    // Digits may be an array index, which comes before all else; setting `__proto__` makes no member at all.
    if (key < 'A' || key === '__proto__') return undefined;
    const copy = inOrder(value[key] ?? null);
    if (copy === undefined) return undefined;
    members[key] = copy;
  }
  return members;
}

function textOf(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(textOf).join()}]`;
  return `{${sortedKeys(value).map((key) => `${JSON.stringify(key)}:${textOf(value[key] ?? null)}`).join()}}`;
}

/** In place, by insertion, where they are few: for these `sort` spends more on setting out than on sorting. */
function sortedKeys(value: JsonObject): readonly string[] {
  const keys = Object.keys(value);
  if (keys.length > insertedKeysMax) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] ?? '';
    let at = end;
    for (let before = keys[at - 1]; before !== undefined && before > key; before = keys[at - 1]) {
      keys[at] = before;
      at -= 1;
    }
    keys[at] = key;
  }
  return keys;
}

const insertedKeysMax = 16;

function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
