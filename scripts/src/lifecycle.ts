// `npm run --silent lifecycle < history.jsonl`: bets and feed messages in the order of their arrival; what each bet returns in the end, and how
// often it was settled and taken back on the way. Needs no server and touches no data.

import { runTool } from './cli.ts';
import { lineCharactersMax, LineWriter, linesOf, textOf } from './slips/json-lines.ts';
import { Lifecycle, type BetChange } from './slips/lifecycle-lines.ts';
import { changeRows } from './slips/table.ts';

await runTool({
  name: 'lifecycle',
  says: `Reads a history from standard input, a bet or a feed message a line, and writes one answer per bet: state, exact and rounded return,
settlements and reversals. A line that is wrong is answered in its place; then it ends with 1.`,
  options: { explain: { kind: 'flag', says: 'besides, before the answers, how each settlement came about and what was taken back, as rows for people' } },
  async run(given, output) {
    const writer = new LineWriter(process.stdout);
    const told: BetChange[] = [];
    const lifecycle = new Lifecycle(given.flag('explain') ? (change) => told.push(change) : undefined);
    for await (const line of linesOf(textOf(process.stdin))) {
      if (line !== null) lifecycle.line(line);
      else lifecycle.refuse({ id: null, error: { code: 'BODY_TOO_LARGE', detail: `a line has at most ${lineCharactersMax} characters`, pointer: '' } });
      for (const change of told.splice(0)) for (const row of changeRows(change)) await writer.line(row);
    }
    for (const market of lifecycle.heldMarkets()) output.progress(`held: results of the same weight contradict each other on ${market}`);
    let isRight = true;
    for (const standing of lifecycle.standings()) {
      if ('error' in standing) isRight = false;
      await writer.line(JSON.stringify(standing));
    }
    await writer.flush();
    return isRight;
  },
});
