// The deployment that tools measure and play on where engines, parts and load share a small machine: several of every part that shares its
// work, and no more partitions than those need. Used by season.ts, the bench and the crash test.

/** As `--processes` takes it. */
export const processes = 'command=2,query=1,relay=1,projector=2,settlement=2';

/**
 * A partition for each projector: the batches of a model go one after another, and each has requests of its own to Kafka and the stores, so
 * more partitions are only more of those. And 64 leases are as many appends, which are renewed as seldom as is safe.
 */
export const settings: Readonly<Record<string, string>> = { WAGERLINE_PARTITION_COUNT: '2', WAGERLINE_SETTLEMENT_LEASE_RENEW_MS: '2500' };
