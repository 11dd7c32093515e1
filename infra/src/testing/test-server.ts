// A running HTTP edge for tests: the routes given, real tokens, a port of its own. It writes nothing to disk and logs nothing.

import { generateKeyPairSync, randomUUID } from 'node:crypto';

import { importJWK } from 'jose';

import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { Json } from '@wagerline/shared-kernel/values/json';

import { issueToken, tokenVerifier, type Role, type SigningKeys, type TokenVerifier } from '../auth.ts';
import { systemClock } from '../clock.ts';
import { httpApp, startHttpServer, type Route } from '../http.ts';
import { createLogger, type Logger } from '../logger.ts';
import { createMetrics, type Metrics } from '../metrics.ts';

export const silentLogger: Logger = createLogger({ logLevel: 'silent' });

const issuer = 'test-issuer';
const audience = 'test-audience';

export type JsonAnswer = { readonly status: number; readonly headers: Headers; readonly json: Json };
export type RequestOptions = { readonly token?: string; readonly body?: Json; readonly headers?: Readonly<Record<string, string>> };

export type TestServer = {
  readonly url: string;
  tokenFor(sub: string, ...roles: readonly Role[]): Promise<string>;
  /** Sends JSON, reads JSON; a text that is no JSON comes back as a string. */
  request(method: string, path: string, options?: RequestOptions): Promise<JsonAnswer>;
  close(): Promise<void>;
};

export type TestServerOptions = {
  readonly bodyBytesMax?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly metrics?: Metrics;
};

export async function startTestServer(routes: readonly Route[], options: TestServerOptions = {}): Promise<TestServer> {
  const { bodyBytesMax = 65_536, logger = silentLogger, clock = systemClock, metrics = createMetrics() } = options;
  const keys = await testKeys();
  const app = httpApp({ routes, verifier: testVerifier(keys, clock), bodyBytesMax, logger, metrics });
  const server = await startHttpServer(app, { host: '127.0.0.1', port: 0 });
  return {
    url: server.url,
    tokenFor: (sub, ...roles) => testToken(keys, sub, roles, clock),
    request: (method, path, sent = {}) => send(`${server.url}${path}`, method, sent),
    close: () => server.close(1_000),
  };
}

export async function testKeys(): Promise<SigningKeys> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const imported = await importJWK({ ...jwk, kty: 'OKP' }, 'EdDSA');
  if (imported instanceof Uint8Array) throw new Error('an Ed25519 key is no symmetric key');
  const { d: _secret, ...publicJwk } = jwk;
  const keyId = randomUUID();
  return { keyId, privateKey: imported, publicKeys: { keys: [{ ...publicJwk, kty: 'OKP', kid: keyId, alg: 'EdDSA' }] } };
}

function testVerifier(keys: SigningKeys, clock: Clock): TokenVerifier {
  return tokenVerifier({ publicKeys: keys.publicKeys, issuer, audience, cacheEntriesMax: 100, clock });
}

function testToken(keys: SigningKeys, sub: string, roles: readonly Role[], clock: Clock): Promise<string> {
  return issueToken(keys, { sub, roles, ttlSeconds: 3_600, issuer, audience, clock });
}

async function send(url: string, method: string, { token, body, headers }: RequestOptions): Promise<JsonAnswer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, json: jsonOrText(await response.text()) };
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
