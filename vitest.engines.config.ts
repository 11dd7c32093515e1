// How `npm run test:engines` runs the tests that need a real engine: the setup finds or starts the engines and says at the end what ran on what.
// WAGERLINE_ENGINES=redis,kafka runs some of them; WAGERLINE_KAFKA_BROKERS, WAGERLINE_REDIS_URL and so on name engines that run already.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/src/**/*.engine.test.ts'],
    globalSetup: ['scripts/src/engines/testing-setup.ts'],
    pool: 'forks',
    // One file at a time: two cores carry the engines as well, and an engine that one file kills is missed by no other.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest's own second is no limit for a machine that carries five engines.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/engines.json' },
  },
});
