import { expect, test } from 'vitest';
import { faultsConfig } from './config.ts';

test('lean unless full is asked for; anything else is refused', () => {
  expect(faultsConfig({}).betsInOutage).toBe(1_000);
  expect(faultsConfig({ WAGERLINE_FAULTS: 'full' }).betsInOutage).toBe(10_000);
  expect(() => faultsConfig({ WAGERLINE_FAULTS: 'huge' })).toThrow('lean');
});
