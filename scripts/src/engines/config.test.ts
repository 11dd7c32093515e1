import { expect, test } from 'vitest';
import { enginesConfig } from './config.ts';

test('an empty environment asks for all engines and knows no address', () => {
  expect(enginesConfig({})).toEqual({ asked: undefined, urls: {}, docker: true, ci: false });
});

test('engines and addresses are named', () => {
  const named = { WAGERLINE_ENGINES: 'redis,kafka', WAGERLINE_KAFKA_BROKERS: '127.0.0.1:9092', WAGERLINE_REDIS_URL: '' };
  expect(enginesConfig({ ...named, WAGERLINE_ENGINES_DOCKER: 'off', CI: 'true' })).toEqual({
    asked: ['redis', 'kafka'],
    urls: { kafka: '127.0.0.1:9092' },
    docker: false,
    ci: true,
  });
});

test.each([
  ['WAGERLINE_ENGINES', 'postgres'],
  ['WAGERLINE_ENGINES', ''],
  ['WAGERLINE_ENGINES_DOCKER', 'on'],
])('%s=%j is refused by name', (variable, value) => {
  expect(() => enginesConfig({ [variable]: value })).toThrow(variable);
});
