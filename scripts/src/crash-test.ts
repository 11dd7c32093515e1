// `npm run crash-test`: kills the server at random moments under load and proves that everything acknowledged is there, exactly once.
// `--lossy` makes every kill a power cut; `--plant` runs it on a server with a known fault, which it has to see.

import { runTool, UsageError, type Given, type Output } from './cli.ts';
import { runCrashTest } from './crash-test/crash-run.ts';
import { runEnginesCrashTest } from './crash-test/engines/engines-run.ts';
import { victimNames, type VictimName } from './crash-test/engines/cluster.ts';
import { enginesReportLines } from './crash-test/engines/report.ts';
import { CannotRunHereError } from './crash-test/lossy-shim.ts';
import { reportLines } from './crash-test/report.ts';
import { runSelfTest, selfTestLines } from './crash-test/self-test.ts';
import { faultNames } from './planted-faults/faults.ts';

type Name = 'engines' | 'victims' | 'kills' | 'lossy' | 'seed' | 'plant' | 'self-test' | 'keep';

const killsDefault = 10;
const killsInSelfTest = 5;

await runTool<Name>({
  name: 'crash-test',
  says:
    'Starts a server, bets on it, kills it with SIGKILL at random moments while clients repeat what was not answered, and then holds\n' +
    'the log, the query API and every repeated request against what the clients were told. Ends with 0 when nothing is lost or doubled.',
  options: {
    engines: {
      kind: 'flag',
      says: 'on the five engines, two processes of every part: all of them are killed in turn, and the takeover by a second one is timed',
    },
    victims: { kind: 'text', value: 'NAMES', says: `with --engines, kill these alone, separated by commas (default: ${victimNames.join(',')})` },
    kills: { kind: 'integer', value: 'N', says: `how often the server is killed (default ${killsDefault})`, min: 1, max: 10_000 },
    lossy: { kind: 'flag', says: 'every kill is a power cut: what was not synced is gone (Linux, gcc)' },
    seed: { kind: 'integer', value: 'S', says: 'what chance starts from (default: by the clock; it is printed)', min: 0, max: 0xffff_ffff },
    plant: { kind: 'text', value: 'FAULT', says: `plant a fault, which must be seen: ${faultNames.join(', ')}`, oneOf: faultNames },
    'self-test': { kind: 'flag', says: `run it green, and red on every planted fault (default --kills ${killsInSelfTest} for each run)` },
    keep: { kind: 'flag', says: 'leave the data folder where it is, and say where' },
  },
  async run(given, output) {
    try {
      if (given.flag('engines')) return await enginesCrashTest(given, output);
      if (given.text('victims') !== undefined) throw new UsageError('--victims goes with --engines');
      return given.flag('self-test') ? await selfTest(given, output) : await crashTest(given, output);
    } catch (error) {
      if (!(error instanceof CannotRunHereError)) throw error;
      output.line(error.message);
      return false;
    }
  },
});

async function crashTest(given: Given<Name>, output: Output): Promise<boolean> {
  const plant = faultNames.find((name) => name === given.text('plant'));
  const lossy = given.flag('lossy');
  if (plant === 'normal-sync' && !lossy) throw new UsageError('--plant normal-sync needs --lossy: only a power cut shows a missing sync');
  const options = { kills: given.integer('kills') ?? killsDefault, seed: seedOf(given), lossy, plant, keep: given.flag('keep') };
  const report = await runCrashTest(options, output.progress);
  if (given.json) output.json(report);
  else for (const line of reportLines(report)) output.line(line);
  return report.ok;
}

async function enginesCrashTest(given: Given<Name>, output: Output): Promise<boolean> {
  const isOther = given.flag('self-test') || given.flag('lossy') || given.flag('keep') || given.text('plant') !== undefined;
  if (isOther) throw new UsageError('--engines takes --kills and --seed: the rest is about the server on the embedded stores');
  const options = { kills: given.integer('kills') ?? killsDefault, seed: seedOf(given), victims: victimsOf(given.text('victims')) };
  const report = await runEnginesCrashTest(options, output.progress);
  if (given.json) output.json(report);
  else for (const line of enginesReportLines(report)) output.line(line);
  return report.ok;
}

function victimsOf(text: string | undefined): readonly VictimName[] {
  if (text === undefined) return victimNames;
  return text.split(',').map((asked) => {
    const victim = victimNames.find((name) => name === asked);
    if (victim === undefined) throw new UsageError(`--victims: "${asked}" is none of ${victimNames.join(', ')}`);
    return victim;
  });
}

async function selfTest(given: Given<Name>, output: Output): Promise<boolean> {
  const isChosen = given.flag('lossy') || given.flag('keep') || given.text('plant') !== undefined;
  if (isChosen) throw new UsageError('--self-test chooses its runs itself');
  const rows = await runSelfTest({ kills: given.integer('kills') ?? killsInSelfTest, seed: seedOf(given) }, output.progress);
  if (given.json) output.json(rows);
  else for (const line of selfTestLines(rows)) output.line(line);
  return rows.every(({ right }) => right);
}

function seedOf(given: Given<Name>): number {
  return given.integer('seed') ?? Date.now() % 1_000_000;
}
