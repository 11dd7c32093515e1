// Bearer tokens (JWT, EdDSA): demo keys, issuing, and a verifier that checks a token once and remembers it until it expires.
// Called by http.ts for every request; a remembered token is answered without a promise. Tokens and keys are never logged.

import { randomUUID } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createLocalJWKSet, errors, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import { z } from 'zod';

import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import { ProblemException } from '@wagerline/shared-kernel/problems';

import { systemClock } from './clock.ts';

export const roles = ['bettor', 'trader', 'settler', 'regulator', 'admin', 'feed'] as const;
export type Role = (typeof roles)[number];

/** Who sends a request. For a bettor `sub` is the account id. */
export type Principal = { readonly sub: string; readonly roles: readonly Role[] };

export type PublicKeys = { readonly keys: readonly JWK[] };
export type SigningKeys = { readonly keyId: string; readonly privateKey: CryptoKey; readonly publicKeys: PublicKeys };

export type TokenVerifier = {
  /** Takes the Authorization header as it came. A remembered token is answered at once; throws or rejects with a TOKEN_... problem. */
  authenticate(authorization: string | undefined): Principal | Promise<Principal>;
};

const algorithm = 'EdDSA';
/** 12 characters of base64url: 72 bits. V8 copies a slice this short, a longer one would refer to the whole header. */
const tailLength = 12;
const privateKeyFile = 'jwt-demo-key.json';

/** The demo key pair of a data folder, made when it is not there yet (mode 0600). Two processes at once end up with one pair. */
export async function makeDemoKeys(dataDir: string): Promise<SigningKeys> {
  const file = join(dataDir, privateKeyFile);
  let jwk = readKeyFile(file);
  if (jwk === undefined) {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const made: JWK = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: algorithm, use: 'sig' };
    writeOnce(dataDir, file, JSON.stringify(made));
    jwk = readKeyFile(file) ?? made;
  }
  return signingKeys(jwk);
}

const keySetSchema = z.object({
  keys: z.array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string().optional() })).min(1),
});

/** A JSON Web Key Set file with public keys, as named by configuration. */
export function readPublicKeys(file: string): PublicKeys {
  const { keys } = keySetSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { keys: keys.map(({ kid, ...key }) => ({ ...key, alg: algorithm, ...(kid !== undefined && { kid }) })) };
}

export type TokenClaims = {
  readonly sub: string;
  readonly roles: readonly Role[];
  readonly ttlSeconds: number;
  readonly issuer: string;
  readonly audience: string;
  readonly clock?: Clock;
};

export async function issueToken(keys: SigningKeys, claims: TokenClaims): Promise<string> {
  const nowSeconds = Math.floor((claims.clock ?? systemClock).nowMs() / 1_000);
  return new SignJWT({ roles: claims.roles })
    .setProtectedHeader({ alg: algorithm, kid: keys.keyId, typ: 'JWT' })
    .setSubject(claims.sub)
    .setIssuer(claims.issuer)
    .setAudience(claims.audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + claims.ttlSeconds)
    .sign(keys.privateKey);
}

export type TokenVerifierOptions = {
  readonly publicKeys: PublicKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly cacheEntriesMax: number;
  readonly clock?: Clock;
};

type Remembered = { readonly authorization: string; readonly principal: Principal; readonly expiresAtMs: number };

const claimsSchema = z.object({
  sub: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  roles: z.array(z.enum(roles)).min(1).max(roles.length),
  exp: z.int().positive(),
});

export function tokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { issuer, audience, clock = systemClock } = options;
  const keySet = createLocalJWKSet({ keys: [...options.publicKeys.keys] });
  const cache = new TokenCache(options.cacheEntriesMax);

  const fixedChecks = { algorithms: [algorithm], issuer, audience, requiredClaims: ['sub', 'exp', 'iat'] };

  const check = async (authorization: string): Promise<Principal> => {
    const token = bearerToken(authorization);
    const payload = await verifiedPayload(() => jwtVerify(token, keySet, { ...fixedChecks, currentDate: new Date(clock.nowMs()) }));
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) throw new ProblemException('TOKEN_INVALID', { detail: 'The token does not carry a known role and a subject' });
    const principal: Principal = { sub: claims.data.sub, roles: claims.data.roles };
    cache.add({ authorization, principal, expiresAtMs: claims.data.exp * 1_000 });
    return principal;
  };

  return {
    authenticate(authorization) {
      if (authorization === undefined) throw new ProblemException('TOKEN_MISSING');
      const remembered = cache.find(authorization);
      if (remembered === undefined) return check(authorization);
      if (clock.nowMs() >= remembered.expiresAtMs) throw new ProblemException('TOKEN_EXPIRED');
      return remembered.principal;
    },
  };
}

async function verifiedPayload(verify: () => Promise<{ payload: JWTPayload }>): Promise<JWTPayload> {
  try {
    return (await verify()).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new ProblemException('TOKEN_EXPIRED');
    // Whatever else fails here failed on what the client sent; the reason stays ours.
    throw new ProblemException('TOKEN_INVALID');
  }
}

/**
 * A bounded memory in two generations: when the young one is full it becomes the old one and the old one is dropped.
 * What is used moves to the young one, so a hit costs one lookup and no reordering, unlike a strict LRU. The key is the end of the
 * header, which is the end of a signature and therefore as good as random: hashing all of it would cost several times as much.
 * The whole header is compared before anything is believed; two tokens with one tail would only push each other out.
 */
class TokenCache {
  private readonly generationEntriesMax: number;
  private young = new Map<string, Remembered>();
  private old = new Map<string, Remembered>();

  constructor(entriesMax: number) {
    this.generationEntriesMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  find(authorization: string): Remembered | undefined {
    const tail = authorization.slice(-tailLength);
    let found = this.young.get(tail);
    if (found === undefined) {
      found = this.old.get(tail);
      if (found !== undefined) this.add(found);
    }
    return found !== undefined && found.authorization === authorization ? found : undefined;
  }

  add(remembered: Remembered): void {
    if (this.young.size >= this.generationEntriesMax) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(remembered.authorization.slice(-tailLength), remembered);
  }
}

/** RFC 6750: the scheme's name is case-insensitive. */
function bearerToken(authorization: string): string {
  if (!/^bearer [^ ]/i.test(authorization)) throw new ProblemException('TOKEN_MISSING');
  return authorization.slice('bearer '.length);
}

async function signingKeys(jwk: JWK): Promise<SigningKeys> {
  const { d: _secret, ...publicJwk } = jwk;
  const privateKey = await importJWK(jwk, algorithm);
  if (privateKey instanceof Uint8Array || jwk.kid === undefined) throw new Error('the demo key file does not hold an Ed25519 key');
  return { keyId: jwk.kid, privateKey, publicKeys: { keys: [publicJwk] } };
}

const keyFileSchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string(),
  alg: z.literal(algorithm),
  use: z.literal('sig'),
});

function readKeyFile(file: string): JWK | undefined {
  try {
    return keyFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`the demo key file ${file} cannot be read; delete it to have a new one made`, { cause: error });
  }
}

/** A complete file or none, and the first writer wins: the link fails where another process was faster. */
function writeOnce(dataDir: string, file: string, contents: string): void {
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, contents, { mode: 0o600, flag: 'wx' });
    chmodSync(draft, 0o600);
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
