// `npm run rebuild -- NAME`: builds a read model anew while the old one serves, then swaps. With --to it only prints the hash.

import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { runTool, UsageError } from './cli.ts';
import { dataDirOption, runJob, withServer } from './server/with-server.ts';

const names = readModels.map(({ name }) => name);

await runTool({
  name: 'rebuild',
  says: `Rebuilds a read model (${names.join(', ')}) from the log while it is live.
With --to P: a throw-away generation up to position P; its hash is printed and it is dropped.`,
  operands: 'NAME',
  options: {
    to: { kind: 'integer', value: 'POSITION', says: 'stop there, print the hash, drop it', min: 0, max: Number.MAX_SAFE_INTEGER },
    'data-dir': dataDirOption,
  },
  async run(given, output) {
    const [model = ''] = given.operands;
    if (given.operands.length !== 1 || !names.includes(model)) throw new UsageError(`the read model is one of ${names.join(', ')}`);
    const position = given.integer('to');
    const job = position === undefined ? { kind: 'rebuild', model } : { kind: 'hash', model, position };
    const startedMs = performance.now();
    const result = await withServer(given.text('data-dir'), ({ admin }) => runJob(admin, job, output, (progress) => `${model} ${JSON.stringify(progress)}`));
    const seconds = Math.round(performance.now() - startedMs) / 1_000;
    if (given.json) output.json({ model, ...result, seconds });
    else {
      const what = position === undefined ? `generation ${String(result['generation'])} is live` : `up to position ${position}, dropped`;
      output.line(`${model}: ${what}; ${String(result['documentCount'])} documents, sha256 ${String(result['sha256'])}, ${seconds} s`);
    }
    return true;
  },
});
