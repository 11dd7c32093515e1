import { expect, test } from 'vitest';
import { faultsConfig } from './config.ts';

test('only when asked for, lean or full; anything else is refused', () => {
  expect(faultsConfig({})).toBeUndefined();
  expect(faultsConfig({ WAGERLINE_FAULTS: 'lean' })?.betsInOutage).toBe(1_000);
  expect(faultsConfig({ WAGERLINE_FAULTS: 'full' })?.betsInOutage).toBe(10_000);
  expect(() => faultsConfig({ WAGERLINE_FAULTS: 'huge' })).toThrow('lean');
});
