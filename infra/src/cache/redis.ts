// The odds cache on Redis, shared by all processes. Opened by openInfra where Redis is configured. It decides nothing and may be empty
// or away at any time: then every call fails soon, as nothing here waits for it to come back, and its callers go on without it.

import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Cache, CacheEntry } from '@wagerline/shared-kernel/ports/cache';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { Logger } from '../logger.ts';

export type RedisCacheOptions = {
  /** `redis://host:port`, or `rediss://` with TLS. */
  readonly url: string;
  /** In front of every key. */
  readonly namespace: string;
  /**
   * How long an entry or tombstone stays, counted from its newest version: longer than any event may be late, or an old version
   * comes back. Default 7 days, as long as the bus keeps events.
   */
  readonly ttlMs?: number;
  /** A call that takes longer has failed. Default 250. */
  readonly commandMsMax?: number;
  readonly logger: Logger;
};

/** Nothing is known about the key. A write may have been stored or not; repeating it does no harm. */
export class CacheUnavailableError extends Error {
  override name = 'CacheUnavailableError';
}

/** Version and value are one key, so that neither is evicted without the other, and any cluster node can run the script. */
const setIfNewer = `
local stored = redis.call('HGET', KEYS[1], 'version')
if stored and tonumber(stored) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'value', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

type ScriptedRedis = Redis & { setIfNewer(key: string, version: number, value: string, ttlMs: number): Promise<number> };

const ttlMsDefault = 7 * 24 * 3_600_000;
const commandMsMaxDefault = 250;
const connectMsMax = 1_000;
const reconnectMsMax = 2_000;

export function openRedisCache(options: RedisCacheOptions): Cache {
  return new RedisCache(options);
}

class RedisCache implements Cache {
  readonly #ttlMs: number;
  readonly #redis: ScriptedRedis;
  /** Settles with the first attempt: a call right after the opening waits for it, later ones for nothing. */
  readonly #attempted: Promise<void>;

  constructor({ url, namespace, ttlMs = ttlMsDefault, commandMsMax = commandMsMaxDefault, logger }: RedisCacheOptions) {
    assert(ttlMs > 0 && commandMsMax > 0, 'entries live, and commands may take time');
    this.#ttlMs = ttlMs;
    this.#redis = new Redis(url, {
      keyPrefix: `${namespace}:`,
      scripts: { setIfNewer: { lua: setIfNewer, numberOfKeys: 1 } },
      lazyConnect: true,
      connectTimeout: connectMsMax,
      commandTimeout: commandMsMax,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), reconnectMsMax),
    }) as ScriptedRedis;
    this.#redis.on('error', (error: Error) => logger.warn({ err: error }, 'the odds cache is away'));
    const connecting = this.#redis.connect().catch(() => {});
    // A server that takes the connection and says nothing has no limit of the client's.
    this.#attempted = Promise.race([connecting, delay(connectMsMax, undefined, { ref: false })]);
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const [version, value] = await this.#ask((redis) => redis.hmget(key, 'version', 'value'));
    if (version === undefined || version === null) return undefined;
    const parsed: JsonObject | null = JSON.parse(value ?? 'null');
    return { version: Number(version), value: parsed };
  }

  /** One command each on one connection, sent together: keys of a cluster lie on different nodes. */
  async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async setIfNewer(key: string, { version, value }: CacheEntry): Promise<boolean> {
    // Above that, Redis' numbers take different versions for the same.
    assert(Number.isSafeInteger(version) && version >= 0, 'a version is a whole number');
    const text = JSON.stringify(value);
    return (await this.#ask((redis) => redis.setIfNewer(key, version, text, this.#ttlMs))) === 1;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #ask<Answer>(command: (redis: ScriptedRedis) => Promise<Answer>): Promise<Answer> {
    await this.#attempted;
    try {
      return await command(this.#redis);
    } catch (error) {
      throw new CacheUnavailableError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}
