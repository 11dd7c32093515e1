// Tokens: who gets in, who does not, and what is remembered. Time is driven, keys are real.

import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ProblemException } from '@wagerline/shared-kernel/problems';

import { issueToken, makeDemoKeys, readPublicKeys, tokenVerifier, type SigningKeys, type TokenClaims, type TokenVerifier } from './auth.ts';
import { drivenClock, timeCell, type DrivenClock } from './clock.ts';
import { testKeys } from './testing/test-server.ts';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const issuer = 'https://issuer.example';
const audience = 'wagerline-api';

let keys: SigningKeys;
let clock: DrivenClock;
let verifier: TokenVerifier;

beforeEach(async () => {
  keys = await testKeys();
  clock = drivenClock(timeCell(startMs));
  verifier = tokenVerifier({ publicKeys: keys.publicKeys, issuer, audience, cacheEntriesMax: 4, clock });
});

const claims = (): TokenClaims => ({ sub: 'account-1', roles: ['bettor'], ttlSeconds: 60, issuer, audience, clock });
const token = async (changes: Partial<TokenClaims> = {}): Promise<string> => issueToken(keys, { ...claims(), ...changes });

/** The problem code, thrown or rejected. */
async function refusal(authorization: string | undefined): Promise<string> {
  try {
    await verifier.authenticate(authorization);
  } catch (error) {
    if (error instanceof ProblemException) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A token with any payload, signed with the right key. */
const signed = (payload: Record<string, unknown>): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid: keys.keyId }).sign(keys.privateKey);

const nowSeconds = startMs / 1_000;
const complete = { sub: 'account-1', roles: ['bettor'], iss: issuer, aud: audience, iat: nowSeconds, exp: nowSeconds + 60 };

describe('a token', () => {
  test('of ours names its bearer', async () => {
    const authorization = `Bearer ${await token({ roles: ['trader', 'regulator'] })}`;
    expect(await verifier.authenticate(authorization)).toEqual({ sub: 'account-1', roles: ['trader', 'regulator'] });
    expect(await refusal(`bearer ${await token()}`)).toBe('accepted');
  });

  test('that is not there is missing', async () => {
    for (const authorization of [undefined, '', 'Bearer', 'Bearer  ', 'Basic YTpi']) {
      expect(await refusal(authorization)).toBe('TOKEN_MISSING');
    }
  });

  test('is over when its time is, also when it is remembered', async () => {
    const early = `Bearer ${await token({ ttlSeconds: 60 })}`;
    const late = `Bearer ${await token({ ttlSeconds: 61 })}`;
    expect(await refusal(early)).toBe('accepted');
    clock.advanceTo(startMs + 59_999);
    expect(verifier.authenticate(early)).toEqual({ sub: 'account-1', roles: ['bettor'] });
    clock.advanceTo(startMs + 60_000);
    expect(() => verifier.authenticate(early)).toThrow(new ProblemException('TOKEN_EXPIRED'));
    clock.advanceTo(startMs + 61_000);
    expect(await refusal(late)).toBe('TOKEN_EXPIRED');
  });

  test.each([
    ['complete', {}, 'accepted'],
    ['of another issuer', { iss: 'https://other.example' }, 'TOKEN_INVALID'],
    ['for another audience', { aud: 'other-api' }, 'TOKEN_INVALID'],
    ['without a subject', { sub: undefined }, 'TOKEN_INVALID'],
    ['with an empty subject', { sub: '' }, 'TOKEN_INVALID'],
    ['with a subject that breaks lines', { sub: 'account-1\nadmin' }, 'TOKEN_INVALID'],
    ['without an end', { exp: undefined }, 'TOKEN_INVALID'],
    ['without roles', { roles: undefined }, 'TOKEN_INVALID'],
    ['with no role', { roles: [] }, 'TOKEN_INVALID'],
    ['with an unknown role', { roles: ['bettor', 'owner'] }, 'TOKEN_INVALID'],
    ['with a role that is no list', { roles: 'admin' }, 'TOKEN_INVALID'],
    ['that is not valid yet', { nbf: nowSeconds + 30 }, 'TOKEN_INVALID'],
  ])('%s', async (_name, changes, outcome) => {
    expect(await refusal(`Bearer ${await signed({ ...complete, ...changes })}`)).toBe(outcome);
  });

  test('signed by somebody else, changed, or not signed at all is invalid', async () => {
    const good = await token();
    const [header = '', payload = '', signature = ''] = good.split('.');
    const stranger = await issueToken(await testKeys(), claims());
    const foreignKeyOurId = await issueToken({ ...(await testKeys()), keyId: keys.keyId }, claims());
    const admin = Buffer.from(JSON.stringify({ ...complete, roles: ['admin'] })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const tampered = [`${header}.${admin}.${signature}`, `${unsigned}.${payload}.`, `${header}.${payload}.`, 'x.y.z'];
    for (const bad of [stranger, foreignKeyOurId, ...tampered]) {
      expect(await refusal(`Bearer ${bad}`)).toBe('TOKEN_INVALID');
    }
  });

  test('signed with the public key as a shared secret is invalid', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: keys.keyId })).toString('base64url');
    const payload = Buffer.from(JSON.stringify(complete)).toString('base64url');
    const secret = Buffer.from(keys.publicKeys.keys[0]?.x ?? '', 'base64url');
    const mac = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
    expect(await refusal(`Bearer ${header}.${payload}.${mac}`)).toBe('TOKEN_INVALID');
  });
});

describe('a verified token', () => {
  test('is answered without a promise the next time', async () => {
    const authorization = `Bearer ${await token()}`;
    expect(verifier.authenticate(authorization)).toBeInstanceOf(Promise);
    await verifier.authenticate(authorization);
    expect(verifier.authenticate(authorization)).toEqual({ sub: 'account-1', roles: ['bettor'] });
  });

  test('is no pass for another text with the same end', async () => {
    const good = await token();
    await verifier.authenticate(`Bearer ${good}`);
    expect(await refusal(`Bearer x${good}`)).toBe('TOKEN_INVALID');
    expect(await refusal(`Bearer ${'A'.repeat(100)}${good.slice(-20)}`)).toBe('TOKEN_INVALID');
  });

  test('is forgotten when enough others came and it was not used', async () => {
    const tokens = await Promise.all(Array.from({ length: 9 }, (_, index) => token({ sub: `account-${index}` })));
    const [used = '', unused = '', ...others] = tokens.map((text) => `Bearer ${text}`);
    await verifier.authenticate(used);
    await verifier.authenticate(unused);
    for (const other of others) {
      await verifier.authenticate(other);
      expect(verifier.authenticate(used)).not.toBeInstanceOf(Promise);
    }
    expect(verifier.authenticate(unused)).toBeInstanceOf(Promise);
  });
});

describe('keys', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'wagerline-auth-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  test('for a demo are made once, for the owner only, whoever comes first', async () => {
    const folder = join(dataDir, 'fresh');
    const [one, two] = await Promise.all([makeDemoKeys(folder), makeDemoKeys(folder)]);
    const again = await makeDemoKeys(folder);
    expect(new Set([one.keyId, two.keyId, again.keyId]).size).toBe(1);
    const files = readdirSync(folder);
    expect(files).toHaveLength(1);
    expect(statSync(join(folder, files[0] ?? '')).mode & 0o777).toBe(0o600);
    keys = again;
    verifier = tokenVerifier({ publicKeys: one.publicKeys, issuer, audience, cacheEntriesMax: 4, clock });
    expect(await refusal(`Bearer ${await token()}`)).toBe('accepted');
    expect(JSON.stringify(one.publicKeys)).not.toContain('"d"');
  });

  test('that cannot be read stop the start', async () => {
    writeFileSync(join(dataDir, 'jwt-demo-key.json'), '{"kty":"OKP"');
    await expect(makeDemoKeys(dataDir)).rejects.toThrow(/jwt-demo-key.json cannot be read/);
  });

  test('of a key set file verify, private ones in it are refused', async () => {
    const file = join(dataDir, 'keys.json');
    writeFileSync(file, JSON.stringify(keys.publicKeys));
    verifier = tokenVerifier({ publicKeys: readPublicKeys(file), issuer, audience, cacheEntriesMax: 4, clock });
    expect(await refusal(`Bearer ${await token()}`)).toBe('accepted');
    writeFileSync(file, JSON.stringify({ keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }] }));
    expect(() => readPublicKeys(file)).toThrow();
  });
});
