// Configuration: sane by default, refused with the name of the variable otherwise.

import { spawnSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { ConfigError, loadConfig, type ConfigOverrides } from './config.ts';

const message = (env: Record<string, string>, overrides: ConfigOverrides = {}): string => {
  try {
    loadConfig(env, overrides);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('an empty environment', () => {
  test('gives the documented defaults', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ mode: 'development', dataDir: '.wagerline/data', clock: 'real', shutdownTimeoutMs: 8_000 });
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 4_000, bodyBytesMax: 65_536, pageSizeMax: 200, pageSizeDefault: 50 });
    expect(config.betting).toMatchObject({ openBetsMax: 500, returnMaxMinor: 100_000_000, marketViewStaleMsMax: 2_000 });
  });

  test('passes its own checks: every default within its bounds', () => {
    const { environment: _empty, jwt, settlement, ...rest } = loadConfig({});
    const { publicKeysFile: _absent, ...jwtDefaults } = jwt;
    const { indexDir: _none, ...settlementDefaults } = settlement;
    const checked = loadConfig({}, { ...rest, jwt: jwtDefaults, settlement: settlementDefaults });
    expect({ ...checked, environment: {} }).toEqual(loadConfig({}));
    // Handed on as variables, the settings are the same.
    expect(loadConfig(checked.environment)).toEqual(checked);
  });
});

describe('a value', () => {
  test('comes from an override, else from the environment', () => {
    const env = { WAGERLINE_PORT: '5000', WAGERLINE_OPEN_BETS_MAX: '7', PATH: '/bin' };
    const config = loadConfig(env, { http: { port: 0 }, dataDir: 'elsewhere' });
    expect([config.http.port, config.betting.openBetsMax, config.dataDir]).toEqual([0, 7, 'elsewhere']);
  });

  test.each([
    ['WAGERLINE_PORT', '70000'],
    ['WAGERLINE_PORT', ''],
    ['WAGERLINE_PORT', '0x50'],
    ['WAGERLINE_PORT', '-1'],
    ['WAGERLINE_PORT', '80.5'],
    ['WAGERLINE_PORT', '1e3'],
    ['WAGERLINE_MODE', 'prod'],
    ['WAGERLINE_DATA_DIR', ''],
    ['WAGERLINE_LOG_LEVEL', 'loud'],
    ['WAGERLINE_RETURN_MAX_MINOR', '9007199254740993'],
    ['WAGERLINE_PRT', '4000'],
  ])('%s=%j is refused by name', (variable, value) => {
    expect(message({ [variable]: value })).toContain(variable);
  });

  test('that is wrong in an override is refused as well', () => {
    expect(message({}, { http: { port: 1.5 } })).toContain('WAGERLINE_PORT');
  });

  test('is reported with all the others that are wrong', () => {
    expect(message({ WAGERLINE_PORT: 'x', WAGERLINE_CLOCK: 'y' })).toMatch(/WAGERLINE_CLOCK[^]*WAGERLINE_PORT/);
  });
});

describe('production mode', () => {
  const production = { WAGERLINE_MODE: 'production', WAGERLINE_JWT_PUBLIC_KEYS_FILE: 'keys.json' };

  test('needs real keys and a real clock', () => {
    expect(message(production)).toBe('accepted');
    expect(message({ ...production, WAGERLINE_CLOCK: 'driven' })).toContain('WAGERLINE_CLOCK');
    expect(message({ WAGERLINE_MODE: 'production' })).toContain('WAGERLINE_JWT_PUBLIC_KEYS_FILE');
  });
});

test.each([
  ['WAGERLINE_PAGE_SIZE_DEFAULT', '201'],
  ['WAGERLINE_HEARTBEAT_INTERVAL_MS', '1001'],
  ['WAGERLINE_SETTLEMENT_LEASE_RENEW_MS', '2501'],
])('%s=%s contradicts its neighbour', (variable, value) => {
  expect(message({ [variable]: value })).toContain(`${variable}: `);
});

test('a process with a wrong setting ends with exit code 78 and one plain message', () => {
  const main = `import { loadConfigOrExit } from ${JSON.stringify(new URL('./config.ts', import.meta.url).href)}; loadConfigOrExit();`;
  const env = { PATH: '', WAGERLINE_PORT: 'http' };
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', main], { env, encoding: 'utf8' });
  expect([status, stdout]).toEqual([78, '']);
  expect(stderr).toBe('configuration refused:\n  WAGERLINE_PORT: Invalid input: expected number, received string (got "http")\n');
});
