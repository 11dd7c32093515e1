import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorld } from './testing-world.ts';

/** Holds up one thread of the server, as a busy machine does. */
const late = `import { threadName } from 'node:worker_threads';
if (threadName === 'settlement') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);`;

test('a server is ready when all its parts are, not before: it holds every file that it writes', async () => {
  const world = await openWorld();
  try {
    await world.start({ env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(late)}` } });
    expect(existsSync(join(world.dataDir, 'settlement-index.sqlite'))).toBe(true);
  } finally {
    await world.close();
  }
});
