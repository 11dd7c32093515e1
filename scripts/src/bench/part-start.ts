// From spawning the process to /readyz 200, on an empty store: a new folder each time.

import type { BenchContext } from './bench-context.ts';
import { median } from './bet-load.ts';

const startCount = 3;

export type StartFigures = { readonly startReadyMs: number };

export async function measureStart(context: BenchContext): Promise<StartFigures> {
  const readyMs: number[] = [];
  for (let count = 0; count < startCount; count += 1) {
    const server = await context.start(await context.folder());
    readyMs.push(server.readyMs);
    context.progress(`start: ready after ${server.readyMs} ms`);
    await context.stop(server);
  }
  return { startReadyMs: median(readyMs) };
}
