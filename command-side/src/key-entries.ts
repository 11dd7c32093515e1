// Sorted lists of (hash, position) in plain numbers: sorting, merging, searching. Used by the key index alone; touches no store.

/** By hash, and among equal hashes the newest position first: the newest event under a key is the one that is asked for. */
export type Entries = { readonly hashes: Float64Array; readonly positions: Float64Array };

/** `positions` grows along the list, as the log does. */
export function sorted(hashes: readonly number[], positions: readonly number[]): Entries {
  const order = Array.from(hashes, (_, index) => index);
  order.sort((a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0) || (positions[b] ?? 0) - (positions[a] ?? 0));
  return {
    hashes: Float64Array.from(order, (index) => hashes[index] ?? 0),
    positions: Float64Array.from(order, (index) => positions[index] ?? 0),
  };
}

/** In halves, so that each entry is moved only as often as the number of lists can be halved. */
export function merged(lists: readonly Entries[]): Entries {
  const [first, second] = lists;
  if (first === undefined) return { hashes: new Float64Array(), positions: new Float64Array() };
  if (second === undefined) return first;
  const middle = lists.length >>> 1;
  return mergedTwo(merged(lists.slice(0, middle)), merged(lists.slice(middle)));
}

function mergedTwo(a: Entries, b: Entries): Entries {
  const count = a.hashes.length + b.hashes.length;
  const hashes = new Float64Array(count);
  const positions = new Float64Array(count);
  let fromA = 0;
  let fromB = 0;
  for (let to = 0; to < count; to += 1) {
    // A list at its end stands behind every hash of the other.
    const hashA = a.hashes[fromA] ?? Number.POSITIVE_INFINITY;
    const hashB = b.hashes[fromB] ?? Number.POSITIVE_INFINITY;
    const isA = hashA < hashB || (hashA === hashB && (a.positions[fromA] ?? 0) > (b.positions[fromB] ?? 0));
    hashes[to] = isA ? hashA : hashB;
    positions[to] = (isA ? a.positions[fromA++] : b.positions[fromB++]) ?? 0;
  }
  return { hashes, positions };
}

/** Adds the positions of the hash to `found`. */
export function search({ hashes, positions }: Entries, hash: number, found: number[]): void {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hashes[middle] ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  for (let at = low; hashes[at] === hash; at += 1) found.push(positions[at] ?? 0);
}
