// The deployment that tools measure and play on where engines, parts and load share a small machine: several of every part that shares its
// work, and no more partitions than those need. Used by season.ts and the bench.

/** As `--processes` takes it. */
export const processes = 'command=2,query=1,relay=1,projector=2,settlement=2';

/**
 * The batches of a model go one after another, each with its own writes: with twelve partitions a change in all of them is twelve of those
 * where four do as well for two projectors.
 */
export const settings: Readonly<Record<string, string>> = { WAGERLINE_PARTITION_COUNT: '4' };
