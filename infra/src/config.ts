// Every setting of Wagerline with its unit, bound and default. Read once by a process's main file and handed on as a value.
// The only file that reads process.env; a wrong or unknown WAGERLINE_ variable stops the process before it has opened anything.

import { defaultRuleSet, ruleSetIds } from '@wagerline/shared-kernel/betting/rule-sets';
import { z } from 'zod';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type Config = {
  readonly mode: 'development' | 'production';
  /** `embedded`: files of the data folder, one process tree. `engines`: servers, each part its own process, any number of each. */
  readonly stores: 'embedded' | 'engines';
  /** Folder of the embedded stores and of the demo keys. */
  readonly dataDir: string;
  /** `driven` lets a tool move time; refused in production mode. */
  readonly clock: 'real' | 'driven';
  readonly logLevel: (typeof logLevels)[number];
  /** How long a stop may take before running work is cut off. */
  readonly shutdownTimeoutMs: number;
  /** Nice value of the threads that follow the log (projections, settlement) in an embedded tree: 0 where other programs share the cores. */
  readonly followersNice: number;
  readonly http: {
    readonly host: string;
    /** 0 takes any free port. */
    readonly port: number;
    readonly bodyBytesMax: number;
    readonly connectionsMax: number;
    readonly pageSizeDefault: number;
    readonly pageSizeMax: number;
    /** How long a query waits for the revision that its reader asks for. */
    readonly freshReadWaitMsMax: number;
    /** A command that the event store has not answered by then is answered 503; 0 = when the store's own limits end it. */
    readonly commandMsMax: number;
  };
  readonly jwt: {
    readonly issuer: string;
    readonly audience: string;
    /** JSON Web Key Set with the public keys; absent = the demo keys of the data folder (development mode only). */
    readonly publicKeysFile: string | undefined;
    readonly tokenCacheEntriesMax: number;
  };
  readonly betting: {
    readonly stakeMinorMax: number;
    readonly depositMinorMax: number;
    readonly returnMaxMinor: number;
    readonly openBetsMax: number;
    /** Of one bet. */
    readonly linesMax: number;
    /** A larger stake is voided by two people. */
    readonly voidApprovalMinor: number;
    /** What one person decides of a market by hand waits for a second one if its bets add up to more, in one currency's minor units. */
    readonly marketApprovalMinor: number;
    /** How long a decision by hand is waited for until it is known what was bet; after that it is answered as one that waits for a second person. */
    readonly decisionWaitMsMax: number;
    /** Under which new bets are struck. */
    readonly ruleSet: string;
    /** A market view that is silent for longer than this answers 503. */
    readonly marketViewStaleMsMax: number;
    readonly heartbeatIntervalMs: number;
    /** A producer of the feed that is silent for longer is called stale. */
    readonly feedStaleMsMax: number;
  };
  readonly accounts: {
    /** Accounts kept in memory by one command process. */
    readonly cacheEntriesMax: number;
    readonly snapshotEveryEvents: number;
  };
  readonly eventStore: {
    readonly appendTimeoutMs: number;
    readonly appendRetriesMax: number;
    readonly appendQueueMax: number;
  };
  readonly bus: { readonly partitionCount: number };
  readonly projections: { readonly batchSizeMax: number };
  /** The lease of the relay, where several processes could be it. */
  readonly relay: { readonly leaseRenewMs: number; readonly leaseTakeoverMs: number };
  /** Where the servers are; read when `stores` is `engines`. */
  readonly engines: {
    readonly eventStoreUrl: string;
    /** host:port, separated by commas. */
    readonly kafkaBrokers: string;
    readonly mongoUrl: string;
    readonly redisUrl: string;
    readonly elasticsearchUrl: string;
    /** First part of every topic, group, database, key and index name: several deployments may share servers. */
    readonly namespace: string;
  };
  readonly settlement: {
    /** Folder of the worker's own index; no two workers share one. Absent = the data folder. */
    readonly indexDir: string | undefined;
    /** A larger return is credited after a second person has approved it. */
    readonly returnApprovalMinor: number;
    /** Commands of one slot that run side by side. */
    readonly slotConcurrencyMax: number;
    readonly leaseRenewMs: number;
    readonly leaseTakeoverMs: number;
    /** Workers that are processes of their own, on the embedded stores; 0 = one worker on a thread. */
    readonly processes: number;
  };
  /** These very settings as variables, for a process that is started with them. */
  readonly environment: Readonly<Record<string, string>>;
};

type Groups = { readonly [Name in keyof Omit<Config, 'environment'> as Config[Name] extends object ? Name : never]?: Partial<Config[Name]> };
/** Values that win over the environment: a tool's flags, a test's small limits. They are checked like the environment's. */
export type ConfigOverrides = Partial<Omit<Config, keyof Groups | 'environment'>> & Groups;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Digits only: Number('') is 0 and Number('1e3') is 1000, neither is what somebody meant. */
const digitsToNumber = (given: unknown): unknown => (typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given);
const integer = (min: number, max: number): z.ZodType<number> => z.preprocess(digitsToNumber, z.int().min(min).max(max));
const text = z.string().min(1).max(1_000);
const seconds = (count: number): number => count * 1_000;
type Read = <T>(variable: string, schema: z.ZodType<T>, fallback: T, override: T | undefined) => T;
const moneyMax = integer(1, Number.MAX_SAFE_INTEGER);

export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env, overrides: ConfigOverrides = {}): Config {
  const faults: string[] = [];
  const known = new Set<string>();
  const environment: Record<string, string> = {};

  const read: Read = (variable, schema, fallback, override) => {
    known.add(variable);
    const given = override ?? env[variable];
    if (given === undefined) return fallback;
    const parsed = schema.safeParse(given);
    if (parsed.success) {
      environment[variable] = String(parsed.data);
      return parsed.data;
    }
    faults.push(`${variable}: ${parsed.error.issues[0]?.message ?? 'not valid'} (got ${JSON.stringify(given)})`);
    return fallback;
  };

  const { http, jwt, accounts, eventStore, bus, projections, settlement } = overrides;
  const stores = read('WAGERLINE_STORES', z.enum(['embedded', 'engines']), 'embedded', overrides.stores);
  const config: Config = {
    mode: read('WAGERLINE_MODE', z.enum(['development', 'production']), 'development', overrides.mode),
    stores,
    dataDir: read('WAGERLINE_DATA_DIR', text, '.wagerline/data', overrides.dataDir),
    clock: read('WAGERLINE_CLOCK', z.enum(['real', 'driven']), 'real', overrides.clock),
    logLevel: read('WAGERLINE_LOG_LEVEL', z.enum(logLevels), 'info', overrides.logLevel),
    shutdownTimeoutMs: read('WAGERLINE_SHUTDOWN_TIMEOUT_MS', integer(100, seconds(300)), 8_000, overrides.shutdownTimeoutMs),
    followersNice: read('WAGERLINE_FOLLOWERS_NICE', integer(0, 19), 10, overrides.followersNice),
    http: {
      host: read('WAGERLINE_HOST', text, '127.0.0.1', http?.host),
      port: read('WAGERLINE_PORT', integer(0, 65_535), 4_000, http?.port),
      bodyBytesMax: read('WAGERLINE_BODY_BYTES_MAX', integer(1_024, 1_048_576), 65_536, http?.bodyBytesMax),
      connectionsMax: read('WAGERLINE_CONNECTIONS_MAX', integer(1, 100_000), 10_000, http?.connectionsMax),
      pageSizeDefault: read('WAGERLINE_PAGE_SIZE_DEFAULT', integer(1, 1_000), 50, http?.pageSizeDefault),
      pageSizeMax: read('WAGERLINE_PAGE_SIZE_MAX', integer(1, 1_000), 200, http?.pageSizeMax),
      freshReadWaitMsMax: read('WAGERLINE_FRESH_READ_WAIT_MS_MAX', integer(0, seconds(60)), 2_000, http?.freshReadWaitMsMax),
      // A server that hangs is noticed by its silence alone; with the way there and back it has to be within 2 s.
      commandMsMax: read('WAGERLINE_COMMAND_MS_MAX', integer(0, seconds(60)), stores === 'engines' ? 1_200 : 0, http?.commandMsMax),
    },
    jwt: {
      issuer: read('WAGERLINE_JWT_ISSUER', text, 'wagerline', jwt?.issuer),
      audience: read('WAGERLINE_JWT_AUDIENCE', text, 'wagerline-api', jwt?.audience),
      publicKeysFile: read<string | undefined>('WAGERLINE_JWT_PUBLIC_KEYS_FILE', text, undefined, jwt?.publicKeysFile),
      tokenCacheEntriesMax: read('WAGERLINE_TOKEN_CACHE_ENTRIES_MAX', integer(2, 1_000_000), 40_000, jwt?.tokenCacheEntriesMax),
    },
    betting: bettingOf(read, overrides.betting),
    accounts: {
      cacheEntriesMax: read('WAGERLINE_ACCOUNT_CACHE_MAX', integer(1, 1_000_000), 20_000, accounts?.cacheEntriesMax),
      snapshotEveryEvents: read('WAGERLINE_SNAPSHOT_EVERY_EVENTS', integer(10, 100_000), 1_000, accounts?.snapshotEveryEvents),
    },
    eventStore: {
      appendTimeoutMs: read('WAGERLINE_APPEND_TIMEOUT_MS', integer(10, seconds(60)), stores === 'engines' ? 2_000 : 5_000, eventStore?.appendTimeoutMs),
      appendRetriesMax: read('WAGERLINE_APPEND_RETRIES_MAX', integer(0, 100), 5, eventStore?.appendRetriesMax),
      appendQueueMax: read('WAGERLINE_APPEND_QUEUE_MAX', integer(1, 1_000_000), 10_000, eventStore?.appendQueueMax),
    },
    // One process reads the embedded bus; on Kafka partitions are what several share.
    bus: { partitionCount: read('WAGERLINE_PARTITION_COUNT', integer(1, 256), stores === 'engines' ? 12 : 1, bus?.partitionCount) },
    projections: { batchSizeMax: read('WAGERLINE_PROJECTOR_BATCH_SIZE_MAX', integer(1, 10_000), 1_000, projections?.batchSizeMax) },
    relay: relayOf(read, overrides.relay),
    engines: enginesOf(read, overrides.engines),
    settlement: {
      indexDir: read<string | undefined>('WAGERLINE_SETTLEMENT_INDEX_DIR', text, undefined, settlement?.indexDir),
      returnApprovalMinor: read('WAGERLINE_RETURN_APPROVAL_MINOR', moneyMax, 100_000_000, settlement?.returnApprovalMinor),
      slotConcurrencyMax: read('WAGERLINE_SETTLEMENT_SLOT_CONCURRENCY_MAX', integer(1, 1_000), 32, settlement?.slotConcurrencyMax),
      leaseRenewMs: read('WAGERLINE_SETTLEMENT_LEASE_RENEW_MS', integer(10, seconds(60)), 1_500, settlement?.leaseRenewMs),
      leaseTakeoverMs: read('WAGERLINE_SETTLEMENT_LEASE_TAKEOVER_MS', integer(20, seconds(300)), 5_000, settlement?.leaseTakeoverMs),
      processes: read('WAGERLINE_SETTLEMENT_PROCESSES', integer(0, 64), 0, settlement?.processes),
    },
    environment,
  };

  faults.push(...contradictions(config));
  for (const variable of Object.keys(env)) {
    if (variable.startsWith('WAGERLINE_') && !known.has(variable)) faults.push(`${variable}: there is no such setting`);
  }
  if (faults.length > 0) throw new ConfigError(`configuration refused:\n  ${faults.join('\n  ')}`);
  return config;
}

function bettingOf(read: Read, given: Partial<Config['betting']> = {}): Config['betting'] {
  return {
    stakeMinorMax: read('WAGERLINE_STAKE_MINOR_MAX', moneyMax, 10_000_000, given.stakeMinorMax),
    depositMinorMax: read('WAGERLINE_DEPOSIT_MINOR_MAX', moneyMax, 100_000_000, given.depositMinorMax),
    returnMaxMinor: read('WAGERLINE_RETURN_MAX_MINOR', moneyMax, 100_000_000, given.returnMaxMinor),
    openBetsMax: read('WAGERLINE_OPEN_BETS_MAX', integer(1, 1_000), 500, given.openBetsMax),
    voidApprovalMinor: read('WAGERLINE_VOID_APPROVAL_MINOR', moneyMax, 10_000_000, given.voidApprovalMinor),
    marketApprovalMinor: read('WAGERLINE_MARKET_APPROVAL_MINOR', moneyMax, 100_000_000, given.marketApprovalMinor),
    // Below the time that a command may take on the engines.
    decisionWaitMsMax: read('WAGERLINE_DECISION_WAIT_MS_MAX', integer(0, seconds(10)), 800, given.decisionWaitMsMax),
    linesMax: read('WAGERLINE_LINES_MAX', integer(1, 1_000_000), 10_000, given.linesMax),
    ruleSet: read('WAGERLINE_RULE_SET', z.enum(ruleSetIds()), defaultRuleSet, given.ruleSet),
    marketViewStaleMsMax: read('WAGERLINE_MARKET_VIEW_STALE_MS_MAX', integer(100, seconds(60)), 2_000, given.marketViewStaleMsMax),
    heartbeatIntervalMs: read('WAGERLINE_HEARTBEAT_INTERVAL_MS', integer(10, seconds(30)), 500, given.heartbeatIntervalMs),
    feedStaleMsMax: read('WAGERLINE_FEED_STALE_MS_MAX', integer(1_000, seconds(3_600)), 20_000, given.feedStaleMsMax),
  };
}

function relayOf(read: Read, given: Partial<Config['relay']> = {}): Config['relay'] {
  return {
    leaseRenewMs: read('WAGERLINE_RELAY_LEASE_RENEW_MS', integer(10, seconds(60)), 1_500, given.leaseRenewMs),
    leaseTakeoverMs: read('WAGERLINE_RELAY_LEASE_TAKEOVER_MS', integer(20, seconds(300)), 5_000, given.leaseTakeoverMs),
  };
}

function enginesOf(read: Read, given: Partial<Config['engines']> = {}): Config['engines'] {
  return {
    eventStoreUrl: read('WAGERLINE_EVENTSTORE_URL', text, 'esdb://127.0.0.1:2113?tls=false', given.eventStoreUrl),
    kafkaBrokers: read('WAGERLINE_KAFKA_BROKERS', text, '127.0.0.1:9092', given.kafkaBrokers),
    mongoUrl: read('WAGERLINE_MONGODB_URL', text, 'mongodb://127.0.0.1:27017', given.mongoUrl),
    redisUrl: read('WAGERLINE_REDIS_URL', text, 'redis://127.0.0.1:6379', given.redisUrl),
    elasticsearchUrl: read('WAGERLINE_ELASTICSEARCH_URL', text, 'http://127.0.0.1:9200', given.elasticsearchUrl),
    namespace: read('WAGERLINE_NAMESPACE', z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), 'wagerline', given.namespace),
  };
}

/** For main files: prints what is wrong, without a stack, and ends the process with exit code 78 (EX_CONFIG). */
export function loadConfigOrExit(overrides: ConfigOverrides = {}): Config {
  try {
    return loadConfig(process.env, overrides);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

/** Values that are fine each, and wrong together. */
function contradictions(config: Config): string[] {
  const faults: string[] = [];
  const { mode, http, jwt, betting, settlement } = config;
  if (mode === 'production' && config.clock === 'driven') faults.push('WAGERLINE_CLOCK: a driven clock is refused in production mode');
  if (mode === 'production' && jwt.publicKeysFile === undefined) {
    faults.push('WAGERLINE_JWT_PUBLIC_KEYS_FILE: needed in production mode, where there are no demo keys');
  }
  if (http.pageSizeDefault > http.pageSizeMax) faults.push('WAGERLINE_PAGE_SIZE_DEFAULT: above WAGERLINE_PAGE_SIZE_MAX');
  if (betting.heartbeatIntervalMs * 2 > betting.marketViewStaleMsMax) {
    faults.push('WAGERLINE_HEARTBEAT_INTERVAL_MS: more than half of WAGERLINE_MARKET_VIEW_STALE_MS_MAX, a late beat would stop betting');
  }
  if (settlement.processes > 0 && config.clock === 'driven') {
    faults.push('WAGERLINE_SETTLEMENT_PROCESSES: a driven clock moves the threads of one process alone');
  }
  if (settlement.leaseRenewMs * 2 > settlement.leaseTakeoverMs) {
    faults.push('WAGERLINE_SETTLEMENT_LEASE_RENEW_MS: more than half of WAGERLINE_SETTLEMENT_LEASE_TAKEOVER_MS, live ones would be taken');
  }
  return faults;
}
