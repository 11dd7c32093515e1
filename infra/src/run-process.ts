// The frame of a part's main file: configuration, logger, health and metrics on one port, a graceful stop. Whoever has started the
// process with a channel (the tools' process tree) may ask it by name; without one it is an ordinary service.

import { z } from 'zod';
import { makeDemoKeys, readPublicKeys, tokenVerifier, type TokenVerifier } from './auth.ts';
import { drivenClock, timeCell } from './clock.ts';
import { loadConfigOrExit, type Config } from './config.ts';
import type { StoreChannel, StoreMessage } from './event-store/remote.ts';
import { healthRoutes, httpApp, startHttpServer, type HealthCheck, type Route } from './http.ts';
import { componentLogger, createLogger, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { InfraLink } from './open-infra.ts';
import { answerOf, type PartRequest, type Requests } from './part.ts';

export type ProcessContext = {
  readonly config: Config;
  readonly link: InfraLink;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
};

export type ProcessPart = {
  /** Besides health and metrics. */
  readonly routes: readonly Route[];
  readonly checks: readonly HealthCheck[];
  readonly requests: Requests;
  /** Resolves after the signal has aborted; settling before is a failure of the process. */
  readonly done: Promise<unknown>;
  close(): Promise<void>;
};

/** What the process tells its starter when it listens. */
export type ProcessReady = { readonly ready: { readonly url: string } };

const clockArgument = z.int();

/** Ends the process: with 0 when it was asked to stop and could, with 1 when the part failed. */
export async function runProcess(name: string, start: (context: ProcessContext) => Promise<ProcessPart>): Promise<never> {
  const config = loadConfigOrExit();
  const logger = componentLogger(createLogger(config), name);
  const stop = new AbortController();
  const asked = new Promise<'asked'>((resolve) => stop.signal.addEventListener('abort', () => resolve('asked')));
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, () => stop.abort());
  try {
    const metrics = createMetrics();
    const time = config.clock === 'driven' ? timeCell(0) : undefined;
    const part = await start({ config, link: { config, time, ...parentLog(config) }, logger, metrics, signal: stop.signal });
    const routes = [...part.routes, ...healthRoutes(part.checks, metrics)];
    const app = httpApp({ routes, verifier: await verifierOf(config), bodyBytesMax: config.http.bodyBytesMax, logger, metrics });
    const http = await startHttpServer(app, config.http);
    const clock: Requests = time === undefined ? {} : { 'advance-clock': (ms) => advance(time, ms) };
    serve({ ...part.requests, ...clock });
    process.send?.({ ready: { url: http.url } } satisfies ProcessReady);
    logger.info({ url: http.url }, 'ready');
    const first = await Promise.race([asked, part.done.then(() => 'done' as const)]);
    if (first === 'done') throw new Error('the part ended without being asked');
    // What hangs must not keep the process alive: everything acknowledged is durable already.
    setTimeout(() => process.exit(2), config.shutdownTimeoutMs).unref();
    await http.close(config.shutdownTimeoutMs / 2);
    await part.done;
    await part.close();
    process.exit(0);
  } catch (error) {
    logger.fatal({ err: error }, 'the process ends');
    process.exit(1);
  }
}

/** A process that a tree on the embedded log has started reaches that log through it. */
function parentLog({ stores }: Config): Pick<InfraLink, 'parentLog'> {
  if (stores !== 'embedded' || process.send === undefined) return {};
  const channel: StoreChannel = {
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    listen(onMessage, onClosed) {
      process.on('message', onMessage);
      process.on('disconnect', onClosed);
    },
  };
  return { parentLog: channel };
}

function serve(requests: Requests): void {
  process.on('message', (asked: PartRequest | StoreMessage) => {
    if (!('name' in asked)) return;
    void answerOf(requests, asked).then((answer) => process.send?.(answer));
  });
}

function advance(time: BigInt64Array<SharedArrayBuffer>, ms: unknown): null {
  drivenClock(time).advanceTo(clockArgument.parse(ms));
  return null;
}

/** Keys from a file, or in development the demo keys of the data folder. */
export async function verifierOf(config: Config): Promise<TokenVerifier> {
  const { publicKeysFile, issuer, audience, tokenCacheEntriesMax } = config.jwt;
  const publicKeys = publicKeysFile === undefined ? (await makeDemoKeys(config.dataDir)).publicKeys : readPublicKeys(publicKeysFile);
  return tokenVerifier({ publicKeys, issuer, audience, cacheEntriesMax: tokenCacheEntriesMax });
}
