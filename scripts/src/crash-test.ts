// `npm run crash-test`: kills the server at random moments under load and proves that everything acknowledged is there, exactly once.
// `--lossy` makes every kill a power cut; `--plant` runs it on a server with a known fault, which it has to see.

import { runTool, UsageError, type Given } from './cli.ts';
import { runCrashTest, type CrashOptions } from './crash-test/crash-run.ts';
import { CannotRunHereError } from './crash-test/lossy-shim.ts';
import { reportLines } from './crash-test/report.ts';
import { faultNames } from './planted-faults/faults.ts';

type Name = 'kills' | 'lossy' | 'seed' | 'plant' | 'keep';

const killsDefault = 10;

await runTool<Name>({
  name: 'crash-test',
  says:
    'Starts a server, bets on it, kills it with SIGKILL at random moments while clients repeat what was not answered, and then holds\n' +
    'the log, the query API and every repeated request against what the clients were told. Ends with 0 when nothing is lost or doubled.',
  options: {
    kills: { kind: 'integer', value: 'N', says: `how often the server is killed (default ${killsDefault})`, min: 1, max: 10_000 },
    lossy: { kind: 'flag', says: 'every kill is a power cut: what was not synced is gone (Linux, gcc)' },
    seed: { kind: 'integer', value: 'S', says: 'what chance starts from (default: by the clock; it is printed)', min: 0, max: 0xffff_ffff },
    plant: { kind: 'text', value: 'FAULT', says: `plant a fault, which must be seen: ${faultNames.join(', ')}`, oneOf: faultNames },
    keep: { kind: 'flag', says: 'leave the data folder where it is, and say where' },
  },
  async run(given, output) {
    try {
      const report = await runCrashTest(optionsFrom(given), output.progress);
      if (given.json) output.json(report);
      else for (const line of reportLines(report)) output.line(line);
      return report.ok;
    } catch (error) {
      if (!(error instanceof CannotRunHereError)) throw error;
      output.line(error.message);
      return false;
    }
  },
});

function optionsFrom(given: Given<Name>): CrashOptions {
  const plant = faultNames.find((name) => name === given.text('plant'));
  const lossy = given.flag('lossy');
  if (plant === 'normal-sync' && !lossy) throw new UsageError('a missing sync shows after a power cut only: --plant normal-sync needs --lossy');
  return { kills: given.integer('kills') ?? killsDefault, lossy, seed: given.integer('seed') ?? Date.now() % 1_000_000, plant, keep: given.flag('keep') };
}
