// `npm run settlement -- VERB`: what operators and traders ask of settlement. Works through the running server, or starts one for as long as it works.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { runTool, ToolError, UsageError, type Given, type Output } from './cli.ts';
import { dataDirOption, runJob, withServer, type ReachedServer } from './server/with-server.ts';
import { outcomeLines, progressLines, replayLines, unsettledLines } from './settlement/report-lines.ts';

const hoursDefault = 6;
const hoursMax = 8_760;
type Options = 'reason' | 'hours' | 'results' | 'repair' | 'fresh' | 'data-dir';
/** `lines` for people; `ok` false ends the tool with 1. */
type Answer = { readonly body: JsonObject; readonly lines: readonly string[]; readonly ok: boolean };
type Verb = (server: ReachedServer, marketId: string, given: Given<Options>, output: Output) => Promise<Answer>;

const verbs: Readonly<Record<string, { readonly takesMarket: boolean; readonly run: Verb }>> = {
  status: {
    takesMarket: false,
    async run({ admin }) {
      const { body } = await admin.call('GET', '/admin/settlement');
      return { body, lines: progressLines(body), ok: true };
    },
  },
  hold: { takesMarket: true, run: (server, marketId, given) => order(server, marketId, 'hold', { reason: given.text('reason') ?? 'by-hand' }) },
  resume: { takesMarket: true, run: (server, marketId) => order(server, marketId, 'resume', {}) },
  preview: {
    takesMarket: true,
    async run({ admin }, marketId, given, output) {
      const job = { kind: 'settlement-preview', marketId, results: resultsOf(given.text('results')) };
      const body = await runJob(admin, job, output, (progress) => `reading the log ${JSON.stringify(progress)}`);
      if (body['marketId'] === undefined) throw new ToolError(`there is no market ${marketId}`);
      return { body, lines: outcomeLines(body), ok: true };
    },
  },
  unsettled: {
    takesMarket: false,
    async run({ admin }, _, given, output) {
      const hours = given.integer('hours') ?? hoursDefault;
      const body = await runJob(admin, { kind: 'settlement-unsettled', hours }, output, (progress) => `reading the log ${JSON.stringify(progress)}`);
      return { body, lines: unsettledLines(body, hours), ok: true };
    },
  },
  replay: {
    takesMarket: false,
    async run({ admin }, _, given, output) {
      const job = { kind: 'settlement-replay', fresh: given.flag('fresh'), repair: given.flag('repair') };
      const body = await runJob(admin, job, output, (progress) => `replaying ${JSON.stringify(progress)}`);
      return { body, lines: replayLines(body), ok: body['ok'] === true };
    },
  },
};

await runTool<Options>({
  name: 'settlement',
  says: `status              what is open, judged and waiting, how fast it goes and how long it will take
hold MARKET         no result of the market settles a bet until it is resumed
resume MARKET       what came meanwhile counts from now on
preview MARKET      what each outcome would pay; nothing is written
unsettled           bets that are open so many hours after their fixtures' ends, and the markets that they wait for
replay              settles the log from zero into a copy and compares it with what was paid; ends with 1 when they differ.
                    An interrupted one goes on where it stopped. Writes nothing but the copy, unless it repairs.`,
  operands: 'status | hold MARKET | resume MARKET | preview MARKET | unsettled | replay',
  options: {
    reason: { kind: 'text', value: 'WORD', says: 'of hold (default: by-hand)' },
    hours: { kind: 'integer', value: 'N', says: `of unsettled (default: ${hoursDefault})`, min: 0, max: hoursMax },
    results: { kind: 'text', value: 'home=won,away=lost', says: 'of preview: this result instead of every outcome' },
    repair: { kind: 'flag', says: 'of replay: what differs is sent to its account again, and compared once more' },
    fresh: { kind: 'flag', says: 'of replay: from the beginning, whatever an interrupted one has left' },
    'data-dir': dataDirOption,
  },
  async run(given, output) {
    const [name = '', marketId = '', ...rest] = given.operands;
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined || rest.length > 0 || verb.takesMarket !== (marketId !== '')) {
      throw new UsageError('one of: status, hold MARKET, resume MARKET, preview MARKET, unsettled, replay');
    }
    const { body, lines, ok } = await withServer(given.text('data-dir'), (server) => verb.run(server, marketId, given, output));
    if (given.json) output.json(body);
    else for (const line of lines) output.line(line);
    return ok;
  },
});

async function order({ clientOf }: ReachedServer, marketId: string, verb: 'hold' | 'resume', body: JsonObject): Promise<Answer> {
  const trader = await clientOf('settlement-tool', ['trader']);
  const reply = await trader.call('POST', `/v1/markets/${encodeURIComponent(marketId)}/settlement/${verb}`, { body });
  const line = `${marketId}: settlement is ${verb === 'hold' ? 'held' : 'resumed'}, version ${String(reply.body['version'])}`;
  return { body: reply.body, lines: [line], ok: true };
}

function resultsOf(text: string | undefined): JsonObject | null {
  if (text === undefined) return null;
  const pairs = text.split(',').map((item) => item.split('='));
  if (pairs.some((pair) => pair.length !== 2)) throw new UsageError('--results takes home=won,away=lost');
  return Object.fromEntries(pairs.map(([selection = '', result = '']) => [selection, result]));
}
