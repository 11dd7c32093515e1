// How `npm test` finds and runs the tests: beside the code, in forked processes, with a report that check and CI read the counts from.
// Tests that need a real engine (`*.engine.test.ts`) are left to `npm run test:engines`.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.engine.test.ts'],
    // A fork may open worker threads, hold file locks and receive signals, as a server does; a thread may not.
    pool: 'forks',
    // As many as there are cores: most tests wait for servers of their own more than they compute.
    maxWorkers: '100%',
    // Against what hangs, not against what is slow: waits inside a test have bounds of their own below these, and say what they waited for.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest's own second is over before a thread of a busy machine has had its turn.
    expect: { poll: { timeout: 60_000, interval: 10 } },
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
});
