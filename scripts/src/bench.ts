// `npm run bench`: measures Wagerline on this machine beside bare express, each figure with its target. Fails when something is wrong
// (an unexpected answer, a lost bet, a parked key), never because a figure was missed.

import { availableParallelism } from 'node:os';
import { BenchContext } from './bench/bench-context.ts';
import { engineFigureLines } from './bench/engine-figures.ts';
import { figureLines } from './bench/figures.ts';
import type { ProvedLedger } from './bench/ledger-proof.ts';
import { measureEngines } from './bench/part-engines.ts';
import { parts, settlementParts, usualParts, type PartFigures, type PartName } from './bench/parts.ts';
import { fullEngineSizes, fullSizes, quickEngineSizes, quickSizes, type Sizes } from './bench/sizes.ts';
import { runTool, UsageError, type Given, type Output } from './cli.ts';

type Options =
  | 'only' | 'quick' | 'engines' | 'rate' | 'settlement' | 'mixed-bets' | 'saturday-markets' | 'saturday-legs' | 'saturday-seconds';

await runTool<Options>({
  name: 'bench',
  says:
    `Measures speed and size on this machine, beside bare express and the targets.\nParts: ${Object.keys(parts).join(', ')}.\n` +
    'With --engines instead: bets at a rate that is held for a minute on the five engines, every part in processes of its own.',
  options: {
    settlement: { kind: 'flag', says: `what settlement does: ${settlementParts.join(', ')}; about half an hour` },
    only: { kind: 'text', value: 'PART,PART', says: 'these parts alone' },
    quick: { kind: 'flag', says: 'small sizes, about two minutes: to see that it runs, not how fast' },
    'mixed-bets': { kind: 'integer', value: 'N', says: 'multiples and systems that one result decides', min: 1, max: 1_000_000 },
    'saturday-markets': { kind: 'integer', value: 'N', says: 'markets of the Saturday', min: 1, max: 10_000 },
    'saturday-legs': { kind: 'integer', value: 'N', says: 'open legs of the Saturday', min: 1, max: 10_000_000 },
    'saturday-seconds': { kind: 'integer', value: 'N', says: 'its results are spread over this time', min: 1, max: 86_400 },
    engines: { kind: 'flag', says: 'on the engines; those that are not running are started natively' },
    rate: { kind: 'integer', value: 'N', says: `with --engines: bets offered per second (default ${fullEngineSizes.offeredPerSecond})`, min: 1, max: 100_000 },
  },
  run: (given, output) => (given.flag('engines') ? runOnEngines(given, output) : run(given, output)),
});

async function runOnEngines(given: Given<Options>, output: Output): Promise<boolean> {
  if (given.text('only') !== undefined) throw new UsageError('--only names parts of the embedded bench: not with --engines');
  const sizes = given.flag('quick') ? quickEngineSizes : fullEngineSizes;
  const figures = await measureEngines({ ...sizes, offeredPerSecond: given.integer('rate') ?? sizes.offeredPerSecond }, output.progress);
  if (given.json) output.json({ ...figures, node: process.version });
  else for (const line of engineFigureLines(figures)) output.line(line);
  return figures.defects.length === 0;
}

async function run(given: Given<Options>, output: Output): Promise<boolean> {
  if (given.integer('rate') !== undefined) throw new UsageError('--rate is for --engines');
  const sizes = sizesOf(given);
  const seconds: Record<string, number> = {};
  const defects: string[] = [];
  const ledgers: Record<string, ProvedLedger> = {};
  let rssMiB = 0;
  let figures: Partial<PartFigures> = {};
  for (const name of partNames(given.text('only'), given.flag('settlement') ? settlementParts : usualParts)) {
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
    Object.assign(ledgers, context.ledgers);
    seconds[name] = Math.round((performance.now() - startMs) / 1_000);
  }
  const result = { ...figures, rssMiB, cores: availableParallelism(), node: process.version, seconds, ledgers, defects };
  if (given.json) output.json(result);
  else for (const line of figureLines(result)) output.line(line);
  return defects.length === 0;
}

function sizesOf(given: Given<Options>): Sizes {
  const usual = given.flag('quick') ? quickSizes : fullSizes;
  const seconds = given.integer('saturday-seconds');
  return {
    ...usual,
    mixedBets: given.integer('mixed-bets') ?? usual.mixedBets,
    saturdayMarkets: given.integer('saturday-markets') ?? usual.saturdayMarkets,
    saturdayLegs: given.integer('saturday-legs') ?? usual.saturdayLegs,
    saturdaySpreadMs: seconds === undefined ? usual.saturdaySpreadMs : seconds * 1_000,
  };
}

function partNames(only: string | undefined, usual: readonly PartName[]): readonly PartName[] {
  const all = Object.keys(parts).filter((name): name is PartName => name in parts);
  if (only === undefined) return usual;
  const wanted = only.split(',');
  const unknown = wanted.find((name) => !(name in parts));
  if (unknown !== undefined) throw new UsageError(`there is no part "${unknown}": ${all.join(', ')}`);
  return all.filter((name) => wanted.includes(name));
}
