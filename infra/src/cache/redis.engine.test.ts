import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cache } from '@wagerline/shared-kernel/ports/cache';
import { createLogger } from '../logger.ts';
import { describeEngine, engineUrl } from '../testing/engines.ts';
import { cacheContract } from './contract.ts';
import { CacheUnavailableError, openRedisCache, type RedisCacheOptions } from './redis.ts';

const ttlMs = 604_800_000;
const looksMax = 100_000;
const entry = { version: 2, value: { odds: '3/2' } };

describeEngine('redis', () => {
  let namespace = '';
  let redis: Redis;
  const opened = new Set<Cache>();

  const openCache = (changes: Partial<RedisCacheOptions> = {}): Cache => {
    const logger = createLogger({ logLevel: 'silent' });
    const cache = openRedisCache({ url: engineUrl('redis'), namespace, ttlMs, commandMsMax: 5_000, logger, ...changes });
    opened.add(cache);
    return cache;
  };

  beforeEach(() => {
    namespace = `test-${randomUUID()}`;
    redis = new Redis(engineUrl('redis'));
  });
  afterEach(async () => {
    for (const cache of opened) await cache.close();
    opened.clear();
    redis.disconnect();
  });

  cacheContract('redis', async () => openCache());

  describe('redis: shared and forgetful', () => {
    test('what one process stores, another reads; a namespace keeps to itself', async () => {
      await openCache().setIfNewer('odds:m1', entry);
      expect(await openCache().get('odds:m1')).toEqual(entry);
      expect(await openCache({ namespace: `${namespace}-other` }).get('odds:m1')).toBeUndefined();
    });

    test('of versions that race from many processes the newest stays', async () => {
      const caches = Array.from({ length: 4 }, () => openCache());
      const versions = Array.from({ length: 50 }, (_, n) => 199 - n * 4);
      const entryOf = (version: number) => ({ version, value: { version } });
      await Promise.all(versions.flatMap((newest) => caches.map((cache, n) => cache.setIfNewer('odds:m1', entryOf(newest - n)))));
      expect(await openCache().get('odds:m1')).toEqual({ version: 199, value: { version: 199 } });
    });

    test('entries and tombstones outlive what may come late, and go after that', async () => {
      const cache = openCache();
      await cache.setIfNewer('odds:m1', entry);
      await cache.setIfNewer('odds:m2', { version: 1, value: null });
      for (const key of ['odds:m1', 'odds:m2']) {
        const left = await redis.pttl(`${namespace}:${key}`);
        expect(left).toBeGreaterThan(ttlMs - 60_000);
        expect(left).toBeLessThanOrEqual(ttlMs);
      }
      await redis.pexpire(`${namespace}:odds:m1`, 0);
      expect(await cache.get('odds:m1')).toBeUndefined();
    });

    test('a refused version does not make the stored one live longer', async () => {
      const cache = openCache();
      await cache.setIfNewer('odds:m1', entry);
      await redis.pexpire(`${namespace}:odds:m1`, 60_000);
      expect(await cache.setIfNewer('odds:m1', { ...entry, version: 1 })).toBe(false);
      expect(await redis.pttl(`${namespace}:odds:m1`)).toBeLessThanOrEqual(60_000);
    });

    test('when everything is flushed, entries and script alike, it is empty and goes on', async () => {
      const cache = openCache();
      await cache.setIfNewer('odds:m1', entry);
      await redis.flushall();
      await redis.script('FLUSH');
      expect(await cache.get('odds:m1')).toBeUndefined();
      expect(await cache.setIfNewer('odds:m1', entry)).toBe(true);
      expect(await cache.setIfNewer('odds:m1', { ...entry, version: 1 })).toBe(false);
    });
  });

  describe('redis: away', () => {
    const servers = new Set<{ readonly server: Server; readonly sockets: Set<Socket> }>();

    /** A server on a free port; `answer` gets every connection. */
    async function serverThat(answer: (socket: Socket) => void): Promise<{ readonly url: string; cut(): void }> {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        answer(socket);
      });
      servers.add({ server, sockets });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      return { url: `redis://127.0.0.1:${port}`, cut: () => sockets.forEach((socket) => socket.destroy()) };
    }

    afterEach(() => {
      for (const { server, sockets } of servers) {
        server.close();
        for (const socket of sockets) socket.destroy();
      }
      servers.clear();
    });

    test('nobody there: every call fails at once, none is kept for later', async () => {
      const { url, cut } = await serverThat((socket) => socket.destroy());
      const cache = openCache({ url });
      await expect(cache.get('odds:m1')).rejects.toThrow(CacheUnavailableError);
      await expect(cache.getMany(['odds:m1', 'odds:m2'])).rejects.toThrow(CacheUnavailableError);
      await expect(cache.setIfNewer('odds:m1', entry)).rejects.toThrow(CacheUnavailableError);
      cut();
    });

    test('a server that does not answer is as one that is not there', async () => {
      const { url } = await serverThat(() => {});
      await expect(openCache({ url, commandMsMax: 20 }).get('odds:m1')).rejects.toThrow(CacheUnavailableError);
    });

    test('after a restart it goes on by itself', async () => {
      const engine = new URL(engineUrl('redis'));
      let isAway = false;
      const through = await serverThat((socket) => {
        if (isAway) return socket.destroy();
        const upstream = connect(Number(engine.port), engine.hostname);
        upstream.on('error', () => socket.destroy());
        upstream.on('close', () => socket.destroy());
        socket.on('close', () => upstream.destroy());
        socket.pipe(upstream).pipe(socket);
      });
      const cache = openCache({ url: through.url });
      await cache.setIfNewer('odds:m1', entry);
      isAway = true;
      through.cut();
      await expect(untilDifferent(cache, 'answered')).resolves.toBe('away');
      isAway = false;
      await expect(untilDifferent(cache, 'away')).resolves.toBe('answered');
      expect(await cache.get('odds:m1')).toEqual(entry);
    });

    /** Asks until the cache is no longer as it is now. */
    async function untilDifferent(cache: Cache, now: 'away' | 'answered'): Promise<'away' | 'answered'> {
      for (let looks = 0; looks < looksMax; looks += 1) {
        const state = await cache.get('odds:m1').then(
          () => 'answered' as const,
          () => 'away' as const,
        );
        if (state !== now) return state;
        await nextTurn();
      }
      return now;
    }
  });
});
