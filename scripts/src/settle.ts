// `npm run --silent settle < slips.jsonl`: what each slip returns, with the steps that lead there. JSON Lines in and out, in order; a line
// that is wrong is answered by its error and the rest goes on. Needs no server and touches no data.

import { runTool, type Output } from './cli.ts';
import { answerLine, type Answer, type Refused } from './slips/answer.ts';
import { lineCharactersMax, LineWriter, linesOf, textOf } from './slips/json-lines.ts';
import { tableHead, tableRows } from './slips/table.ts';

const tooLong: Refused = { id: null, error: { code: 'BODY_TOO_LARGE', detail: `a line has at most ${lineCharactersMax} characters`, pointer: '' } };

await runTool({
  name: 'settle',
  says: `Reads slips from standard input, one JSON object a line, and writes one answer a line: state, exact and rounded return, and how it
came about. Ends with 1 when a line was wrong.`,
  options: { table: { kind: 'flag', says: 'rows for people instead of JSON Lines' } },
  async run(given, output) {
    const writer = new LineWriter(process.stdout);
    const isTable = given.flag('table');
    if (isTable) for (const row of tableHead()) await writer.line(row);
    let isRight = true;
    for await (const line of linesOf(textOf(process.stdin))) {
      const answer = line === null ? tooLong : answeredOrFailed(line, output);
      if ('error' in answer) isRight = false;
      if (!isTable) await writer.line(JSON.stringify(answer));
      else for (const row of tableRows(answer)) await writer.line(row);
    }
    await writer.flush();
    return isRight;
  },
});

/** A fault of ours on one line is told beside the answers, and costs no other line. */
function answeredOrFailed(line: string, output: Output): Answer | Refused {
  try {
    return answerLine(line);
  } catch (failure) {
    output.progress(`settle: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`);
    return { id: null, error: { code: 'INTERNAL_ERROR', detail: 'something failed on our side', pointer: '' } };
  }
}
