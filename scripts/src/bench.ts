// `npm run bench`: measures Wagerline on this machine beside bare express, each figure with its target. Fails when something is wrong
// (an unexpected answer, a lost bet, a parked key), never because a figure was missed.

import { availableParallelism } from 'node:os';
import { BenchContext } from './bench/bench-context.ts';
import { figureLines } from './bench/figures.ts';
import { parts, type PartFigures, type PartName } from './bench/parts.ts';
import { fullSizes, quickSizes } from './bench/sizes.ts';
import { runTool, UsageError, type Given, type Output } from './cli.ts';

await runTool({
  name: 'bench',
  says: `Measures speed and size on this machine, beside bare express and the targets.\nParts: ${Object.keys(parts).join(', ')}.`,
  options: {
    only: { kind: 'text', value: 'PART,PART', says: 'these parts alone' },
    quick: { kind: 'flag', says: 'small sizes, about two minutes: to see that it runs, not how fast' },
  },
  run,
});

async function run(given: Given<'only' | 'quick'>, output: Output): Promise<boolean> {
  const sizes = given.flag('quick') ? quickSizes : fullSizes;
  const seconds: Record<string, number> = {};
  const defects: string[] = [];
  let rssMiB = 0;
  let figures: Partial<PartFigures> = {};
  for (const name of partNames(given.text('only'))) {
    const startMs = performance.now();
    const context = new BenchContext(sizes, (text) => output.progress(text));
    const interrupted = (): void => void context.cleanUp().finally(() => process.exit(1));
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    try {
      figures = { ...figures, ...(await parts[name](context)) };
    } finally {
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      await context.cleanUp();
    }
    rssMiB = Math.max(rssMiB, context.rssMiB);
    defects.push(...context.defects.map((defect) => `${name}: ${defect}`));
    seconds[name] = Math.round((performance.now() - startMs) / 1_000);
  }
  const result = { ...figures, rssMiB, cores: availableParallelism(), node: process.version, seconds, defects };
  if (given.json) output.json(result);
  else for (const line of figureLines(result)) output.line(line);
  return defects.length === 0;
}

function partNames(only: string | undefined): readonly PartName[] {
  const all = Object.keys(parts).filter((name): name is PartName => name in parts);
  if (only === undefined) return all;
  const wanted = only.split(',');
  const unknown = wanted.find((name) => !(name in parts));
  if (unknown !== undefined) throw new UsageError(`there is no part "${unknown}": ${all.join(', ')}`);
  return all.filter((name) => wanted.includes(name));
}
