// Listens, and stops gracefully: running requests end, idle connections close, and nothing lasts longer than the grace given.
// Called by the start files with the express app that httpApp made.

import { createServer, IncomingMessage, ServerResponse, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Express } from 'express';

export type HttpServerOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly connectionsMax?: number;
};

/** Of an express app. */
type AppMessages = Pick<Express, 'request' | 'response'>;

export type HttpServer = {
  readonly url: string;
  readonly port: number;
  /** Stops accepting at once; resolves when the last request has ended, or after `graceMs` with the rest cut off. */
  close(graceMs: number): Promise<void>;
};

/** Longer than the 60 s idle limit of usual load balancers: the side that closes an idle connection should be theirs. */
const keepAliveTimeoutMs = 65_000;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const headerBytesMax = 16_384;
const listenBacklogMax = 1_024;
const idleSweepMs = 25;

export async function startHttpServer(listener: RequestListener & Partial<AppMessages>, options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer(
    {
      ...messagesOf(listener),
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: headerBytesMax,
      noDelay: true,
    },
    listener,
  );
  server.maxConnections = options.connectionsMax ?? 10_000;
  await listening(server, options);
  const { port } = addressOf(server);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: (graceMs) => closeWithin(server, graceMs) };
}

/**
 * Express gives each request and response the prototypes of its app: 2 us, after which all that is read of them is slower. These are
 * born with them, and Express finds nothing to change.
 */
function messagesOf(app: Partial<AppMessages>): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  if (app.request === undefined || app.response === undefined) return {};
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

function listening(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: listenBacklogMax }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A keep-alive connection becomes idle when its running request ends, so idle ones are swept until none is left. */
function closeWithin(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the HTTP server does not listen on a TCP port');
  return address;
}
