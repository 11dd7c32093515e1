// `npm run season`: plays a real season through the HTTP API, settles it, reads it back, and says whether everything adds up.

import { runTool, ToolError, UsageError, type Given, type Output } from './cli.ts';
import { ownEngines } from './engines/own-engines.ts';
import { processes, settings } from './engines/two-cores.ts';
import { reportLines } from './season/report-text.ts';
import { runSeason } from './season/run-season.ts';
import { readSamples, SamplesError, type Samples } from './season/samples.ts';
import { premierLeague } from './season/season-files.ts';
import { ownServer, runningServer, type SeasonServer } from './season/season-server.ts';

type Name = 'engines' | 'csv' | 'on-bad-row' | 'bets' | 'bettors' | 'seed' | 'bets-out' | 'incidents' | 'url' | 'data-dir';

const betsDefault = 1_000;
const seedDefault = 1;
const bettorsMin = 10;
/** About 13 bets of one bettor are open at a time: far from `openBetsMax`. */
const betsPerBettor = 250;

await runTool<Name>({
  name: 'season',
  says:
    'Plays a season: every match of a football-data file is opened for betting at its opening odds, moved to its closing odds, bet on,\n' +
    'resulted with its score, settled and read back. It starts a server of its own and drives its clock, or plays on a running one.\n' +
    'Ends with 0 when everything adds up. The same seed gives the same report, `timing` apart.',
  options: {
    csv: { kind: 'text', value: 'FILE', says: 'the matches (default: the Premier League of 2019-20)' },
    'on-bad-row': { kind: 'text', value: 'WHAT', says: 'a row that cannot be read: stop (default) or skip it', oneOf: ['stop', 'skip'] },
    bets: { kind: 'integer', value: 'N', says: `how many bets (default ${betsDefault})`, min: 1, max: 10_000_000 },
    bettors: { kind: 'integer', value: 'N', says: `how many bettors (default: bets / ${betsPerBettor}, at least ${bettorsMin})`, min: 1, max: 100_000 },
    seed: { kind: 'integer', value: 'S', says: `what chance starts from (default ${seedDefault})`, min: 0, max: 0xffff_ffff },
    'bets-out': { kind: 'text', value: 'FILE', says: 'write one JSON line per accepted bet, as read back from the query API' },
    incidents: { kind: 'flag', says: 'add late legs, voids, corrections and every refusal, on fixtures and accounts of their own' },
    engines: { kind: 'flag', says: 'on the five engines, every part in processes of its own; engines that are not running are started natively' },
    url: { kind: 'text', value: 'URL', says: 'play on this server; needs --data-dir for its demo keys' },
    'data-dir': { kind: 'text', value: 'DIR', says: 'where the data of the own server stays (default: a folder that is gone afterwards)' },
  },
  async run(given, output) {
    const samples = await samplesOf(given);
    const report = await playedSeason(samples, given, output);
    if (given.json) output.json(report);
    else for (const line of reportLines(report)) output.line(line);
    return report.findings.length === 0;
  },
});

async function samplesOf(given: Given<Name>): Promise<Samples> {
  try {
    return await readSamples(given.text('csv') ?? premierLeague, given.text('on-bad-row') === 'skip' ? 'skip' : 'stop');
  } catch (error) {
    throw error instanceof SamplesError ? new ToolError(error.message) : error;
  }
}

async function playedSeason(samples: Samples, given: Given<Name>, output: Output) {
  if (!given.flag('engines')) return playOn(await serverFor(given), samples, given, output);
  if (given.text('url') !== undefined) throw new UsageError('--engines starts servers of its own: not with --url');
  const engines = await ownEngines(output.progress);
  try {
    const server = await ownServer({ dataDir: given.text('data-dir'), env: { ...engines.settings, ...settings }, processes });
    return await playOn(server, samples, given, output);
  } finally {
    await engines.stop();
  }
}

async function serverFor(given: Given<Name>): Promise<SeasonServer> {
  const url = given.text('url');
  const dataDir = given.text('data-dir');
  if (url === undefined) return ownServer({ dataDir });
  if (given.flag('incidents')) throw new UsageError('--incidents holds back prices of its own server: not with --url');
  if (dataDir === undefined) throw new UsageError('--url needs --data-dir DIR, the data folder of that server');
  return runningServer(url, dataDir);
}

async function playOn(server: SeasonServer, samples: Samples, given: Given<Name>, output: Output) {
  const bets = given.integer('bets') ?? betsDefault;
  try {
    return await runSeason(server, {
      samples,
      seed: given.integer('seed') ?? seedDefault,
      bets,
      bettors: given.integer('bettors') ?? Math.max(bettorsMin, Math.ceil(bets / betsPerBettor)),
      incidents: given.flag('incidents'),
      betsOut: given.text('bets-out'),
      onProgress: output.progress,
    });
  } finally {
    await server.stop();
  }
}
