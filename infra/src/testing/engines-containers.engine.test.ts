// The way by containers, where a Docker engine answers. Where none does, the test says so in its name and something else is shown:
// that its absence is noticed quickly and said.

import { expect, test } from 'vitest';
import { dockerMissing, startContainer } from './engines-containers.ts';
import { probeEngine } from './engines-probe.ts';

const missing = await dockerMissing();
const because = missing === undefined ? '' : ` (did not run: ${missing})`;

test.skipIf(missing !== undefined)(`a container is started, answers its client and is stopped${because}`, { timeout: 300_000 }, async () => {
  const container = await startContainer('redis');
  try {
    expect(await probeEngine('redis', container.url)).toBe(container.version);
  } finally {
    await container.stop();
  }
});

test.runIf(missing !== undefined)('without a Docker engine the reason is said', () => {
  expect(missing).toMatch(/container runtime/i);
});
