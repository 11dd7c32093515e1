// The thread that proves the ledger while the server runs: started for one verification, it reads and never writes.

import { openHttpInfra } from '@wagerline/infra/open-infra';
import { verifyLedger } from '../ledger/verify-ledger.ts';
import { runPart } from './part.ts';

await runPart(async (link, signal) => {
  const infra = await openHttpInfra(link);
  let progress = { position: 0, head: 0 };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const verified = verifyLedger({
    eventStore: infra.eventStore,
    readModels: infra.readModels,
    onProgress: (position, head) => {
      progress = { position, head };
    },
    pause,
  });
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  return {
    part: { requests: { progress: () => progress, result: () => verified }, done: stopped },
    close: infra.close,
  };
});
