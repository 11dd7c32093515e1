// `npm run parked`: the streams that a projector could not apply, and `redrive`, which tries again after the cause is mended.

import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { runTool, UsageError } from './cli.ts';
import { dataDirOption, withServer } from './server/with-server.ts';

type Parked = readonly { readonly model: string; readonly parked: readonly ParkedKey[] }[];

await runTool({
  name: 'parked',
  says: `Lists parked streams per read model: revision, position and reason of the event that could not be applied.
\`redrive MODEL STREAM\` reads the stream on from there and takes it off the list.`,
  operands: '[redrive MODEL STREAM]',
  options: { 'data-dir': dataDirOption },
  async run(given, output) {
    const [verb, model, stream, ...rest] = given.operands;
    if (verb !== undefined && (verb !== 'redrive' || model === undefined || stream === undefined || rest.length > 0)) {
      throw new UsageError('nothing, or: redrive MODEL STREAM');
    }
    return withServer(given.text('data-dir'), async ({ admin }) => {
      if (model !== undefined && stream !== undefined) {
        const { body } = await admin.call('POST', '/admin/parked/redrive', { body: { model, stream } });
        if (given.json) output.json(body);
        else output.line(`${model} ${stream}: ${JSON.stringify(body['outcome'])}`);
        return true;
      }
      const { models } = (await admin.call('GET', '/admin/parked')).body as { models: Parked };
      if (given.json) output.json(models);
      else {
        for (const { model: name, parked } of models) {
          output.line(`${name}: ${parked.length} parked`);
          for (const key of parked) output.line(`  ${key.stream}@${key.revision} at ${key.position}: ${key.reason}`);
        }
      }
      return true;
    });
  },
});
