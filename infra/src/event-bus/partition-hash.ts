// Which partition a key belongs to: FNV-1a over its UTF-16 code units. Used by the embedded bus.
// Never change it: offsets are stored per partition, so every key must keep its partition for ever.

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

export function partitionOf(key: string, partitionCount: number): number {
  if (partitionCount === 1) return 0;
  let hash = offsetBasis;
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), prime);
    hash = Math.imul(hash ^ (unit >>> 8), prime);
  }
  // FNV's lowest bits vary least, and a count of partitions is often a power of two.
  hash ^= hash >>> 16;
  return (hash >>> 0) % partitionCount;
}
