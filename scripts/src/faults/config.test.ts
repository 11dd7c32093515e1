import { expect, test } from 'vitest';
import { faultsConfig } from './config.ts';

test('only when asked for, lean or full; anything else is refused', () => {
  expect(faultsConfig({})).toBeUndefined();
  expect(faultsConfig({ WAGERLINE_FAULTS: 'lean' })).toEqual({ betsInOutage: 1_000, logLevel: 'silent' });
  expect(faultsConfig({ WAGERLINE_FAULTS: 'full', WAGERLINE_LOG_LEVEL: 'warn' })).toEqual({ betsInOutage: 10_000, logLevel: 'warn' });
  expect(faultsConfig({ WAGERLINE_FAULTS: 'off' })).toBeUndefined();
  expect(() => faultsConfig({ WAGERLINE_FAULTS: 'huge' })).toThrow('lean');
});
