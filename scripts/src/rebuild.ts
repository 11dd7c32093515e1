// `npm run rebuild -- NAME`: builds a read model anew while the old one serves, then swaps. With --to it only prints the hash.
// With --compare it projects the log twice, through the embedded adapters and through the engines, and says where they differ.

import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { runTool, UsageError, type Given, type Output } from './cli.ts';
import { ownEngines } from './engines/own-engines.ts';
import type { Comparison } from './rebuild/compare.ts';
import { compareWithEngines } from './rebuild/compare-engines.ts';
import { dataDirOption, runJob, withServer } from './server/with-server.ts';

type Name = 'to' | 'compare' | 'data-dir';

const names = readModels.map(({ name }) => name);

await runTool<Name>({
  name: 'rebuild',
  says: `Rebuilds a read model (${names.join(', ')}) from the log while it is live.
With --to P: a throw-away generation up to position P; its hash is printed and it is dropped.
With --compare, and without NAME: the log of the running server is projected twice, through the embedded adapters and through those of the
engines, and the hashes of every read model are compared. Engines that are not running are started natively, and are gone afterwards.`,
  operands: 'NAME',
  options: {
    to: { kind: 'integer', value: 'POSITION', says: 'stop there, print the hash, drop it', min: 0, max: Number.MAX_SAFE_INTEGER },
    compare: { kind: 'flag', says: 'project the log through both sets of adapters and compare' },
    'data-dir': dataDirOption,
  },
  run: (given, output) => (given.flag('compare') ? compare(given, output) : rebuild(given, output)),
});

async function rebuild(given: Given<Name>, output: Output): Promise<boolean> {
  const [model = ''] = given.operands;
  if (given.operands.length !== 1 || !names.includes(model)) throw new UsageError(`the read model is one of ${names.join(', ')}`);
  const position = given.integer('to');
  const job = position === undefined ? { kind: 'rebuild', model } : { kind: 'hash', model, position };
  const startedMs = performance.now();
  const result = await withServer(given.text('data-dir'), ({ admin }) => runJob(admin, job, output, (progress) => `${model} ${JSON.stringify(progress)}`));
  const seconds = secondsSince(startedMs);
  if (given.json) output.json({ model, ...result, seconds });
  else {
    const what = position === undefined ? `generation ${String(result['generation'])} is live` : `up to position ${position}, dropped`;
    output.line(`${model}: ${what}; ${String(result['documentCount'])} documents, sha256 ${String(result['sha256'])}, ${seconds} s`);
  }
  return true;
}

async function compare(given: Given<Name>, output: Output): Promise<boolean> {
  if (given.operands.length > 0 || given.integer('to') !== undefined) throw new UsageError('--compare takes all read models, to the end of the log');
  const startedMs = performance.now();
  const compared = await withServer(given.text('data-dir'), async ({ admin }) => {
    const engines = await ownEngines(output.progress);
    try {
      return await compareWithEngines(admin, engines.settings, output.progress);
    } finally {
      await engines.stop();
    }
  });
  const isRight = compared.findings.length === 0 && compared.models.every(({ isEqual }) => isEqual);
  const result = { ...compared, isRight, seconds: secondsSince(startedMs) };
  if (given.json) output.json(result);
  else for (const line of comparisonLines(result)) output.line(line);
  return isRight;
}

function comparisonLines({ position, models, findings, isRight, seconds }: Comparison & { readonly isRight: boolean; readonly seconds: number }) {
  const width = Math.max(...models.map(({ model }) => model.length));
  const lines = models.flatMap(({ model, sides, isEqual }) =>
    Object.entries(sides).map(([side, { sha256, documentCount }]) => {
      return `${model.padEnd(width)}  ${side.padEnd(8)}  ${String(documentCount).padStart(8)} documents  ${sha256}  ${isEqual ? 'equal' : 'DIFFERS'}`;
    }),
  );
  const verdict = isRight ? 'both sets of adapters say the same' : 'the two sets of adapters DIFFER';
  return [...lines, ...findings.map((finding) => `FOUND: ${finding}`), `${verdict}, up to position ${position}, in ${seconds} s`];
}

function secondsSince(startedMs: number): number {
  return Math.round(performance.now() - startedMs) / 1_000;
}
