// `node scripts/src/bench/slips.ts`: how many slips a second one process settles and explains, JSON in and JSON out: 70 % singles, 20 % two- to
// five-folds, 10 % trixie to lucky15, a third of them each-way; and how long a large system takes. Prints figures; never a test.

import { runTool } from '../cli.ts';
import { seededRandom, type Random } from '../season/random.ts';
import { answerLine } from '../slips/answer.ts';
import { measureLargeSystem } from './large-system.ts';

const slipCount = 30_000;
const roundCount = 5;
const seed = 380_1270;
const covers = [['trixie', 3], ['patent', 3], ['yankee', 4], ['lucky15', 4]] as const;
const results = ['won', 'won', 'placed', 'lost', 'lost', 'void'] as const;

await runTool({
  name: 'bench/slips',
  says: 'Measures how many slips a second are settled and explained, from a line of JSON to a line of JSON, in one process.',
  options: {},
  run(given, output) {
    const random = seededRandom(seed);
    const lines = Array.from({ length: slipCount }, (_, index) => JSON.stringify(slipOf(`s${index}`, random)));
    const perSecond: number[] = [];
    const perCpuSecond: number[] = [];
    for (let round = 0; round < roundCount; round += 1) {
      const startMs = performance.now();
      const startCpu = process.cpuUsage();
      let characters = 0;
      for (const line of lines) characters += JSON.stringify(answerLine(line)).length;
      perSecond.push(Math.round((slipCount * 1_000) / (performance.now() - startMs)));
      const cpu = process.cpuUsage(startCpu);
      perCpuSecond.push(Math.round((slipCount * 1_000_000) / (cpu.user + cpu.system)));
      output.progress(`round ${round + 1}: ${perSecond.at(-1) ?? 0} slips a second, ${characters} characters`);
    }
    const figures = { slipsPerSecond: median(perSecond), slipsPerCpuSecond: median(perCpuSecond), seed, ...measureLargeSystem() };
    if (given.json) output.json(figures);
    else for (const [name, figure] of Object.entries(figures)) output.line(`${name.padEnd(20)} ${figure}`);
    return Promise.resolve(true);
  },
});

/** Other work on the machine takes from the first figure and hardly from the second. */
function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
}

function slipOf(id: string, random: Random) {
  const kind = random.below(10);
  const [type, legCount] = kind < 7 ? ['single', 1] : kind < 9 ? ['accumulator', 2 + random.below(4)] : random.pick(covers);
  const legs = Array.from({ length: Number(legCount) }, () => ({
    odds: `${1 + random.below(9)}.${10 + random.below(89)}`,
    result: random.pick(results),
    placeFraction: random.pick(['1/4', '1/5']),
  }));
  return { id, currency: 'GBP', unitStake: `${1 + random.below(20)}.50`, eachWay: random.below(3) === 0, bet: { type }, legs };
}
