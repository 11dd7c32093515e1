// The thread of one report on settlement: it reads the log while the server runs. A replay settles a copy of it in a folder of its own below the
// data folder; only its repair writes to the log itself, as the settlement job would.

import { handlersOf } from '@wagerline/command-side/start';
import type { Config } from '@wagerline/infra/config';
import { createLogger } from '@wagerline/infra/logger';
import { openCommandInfra, openInfraRoot, openSettlementInfra } from '@wagerline/infra/open-infra';
import { vectorText } from '@wagerline/shared-kernel/betting/leg-vector';
import { legResult } from '@wagerline/shared-kernel/events/schema';
import { commandIdOf, domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { previewMarket } from '../settlement/preview.ts';
import { compared, replayInto, type Copy } from '../settlement/replay.ts';
import { SettlementBook } from '../settlement/settlement-book.ts';
import { unsettledBets } from '../settlement/unsettled.ts';
import { runPart } from './part.ts';

const batchEvents = 2_000;
const actor = { role: 'system', id: 'settlement' } as const;
const previewed = z.object({ marketId: z.string(), results: z.record(z.string(), legResult).nullable() });
const overdue = z.object({ hours: z.number() });
const replayed = z.object({ fresh: z.boolean() });
const repaired = z.object({ through: z.int(), repair: z.boolean() });

await runPart(async (link, signal) => {
  const { config } = link;
  const infra = await openCommandInfra(link);
  const { eventStore, clock } = infra;
  const logger = createLogger(config);
  const copyDir = join(config.dataDir, 'settlement-replay');
  let progress = { position: 0, head: 0, settled: 0 };
  let copy: (Copy & { close(): Promise<void> }) | undefined;

  async function read(): Promise<SettlementBook> {
    const book = new SettlementBook();
    const head = await eventStore.head();
    for (let position = 0; position < head; ) {
      const batch = await eventStore.readAll(position, { prefixes: domainPrefixes }, batchEvents);
      for (const recorded of batch.events) book.read(recorded);
      position = batch.position;
      progress = { position, head, settled: 0 };
      if (batch.caughtUp) break;
    }
    return book;
  }

  /** What differs is sent to its account again: one that has missed a result settles now, one that has not stays as it is. */
  async function repair(through: number, differing: readonly string[], verdictsOf: Awaited<ReturnType<typeof compared>>['replayed']): Promise<void> {
    const handlers = handlersOf({ eventStore, config, clock, logger });
    for (const betId of differing) {
      const bet = verdictsOf.get(betId);
      if (bet === undefined || bet.verdicts.length === 0) continue;
      const commandId = commandIdOf('settle', betId, vectorText(bet.verdicts));
      const context = { commandId, causationId: betId, correlationId: betId, traceparent: '', actor };
      const { returnApprovalMinor } = config.settlement;
      const repair = { type: 'SettleBet', betId, legs: bet.verdicts, reason: 'repaired', decidedBy: actor, returnApprovalMinor } as const;
      await handlers.account.handle(bet.accountId, (at) => ({ ...repair, at }), context);
    }
    progress = { ...progress, position: through };
  }

  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  return {
    part: {
      requests: {
        progress: () => progress,
        async preview(argument) {
          const { marketId, results } = previewed.parse(argument);
          return { ...previewMarket(await read(), marketId, results ?? undefined) };
        },
        async unsettled(argument) {
          return { ...unsettledBets(await read(), clock.nowMs(), overdue.parse(argument).hours) };
        },
        async replay(argument) {
          if (replayed.parse(argument).fresh) await rm(copyDir, { recursive: true, force: true });
          const through = await eventStore.head();
          copy = await openCopy(config, copyDir);
          await replayInto(copy, eventStore, through, { logger, onProgress: (now) => (progress = now) });
          return through;
        },
        async compare(argument) {
          const { through, repair: isRepaired } = repaired.parse(argument);
          if (copy === undefined) throw new Error('nothing was replayed');
          const first = await compared(copy.infra.eventStore, eventStore, through);
          const found = first.comparison.differences.length;
          if (isRepaired) await repair(through, first.comparison.differences.map(({ betId }) => betId), first.replayed);
          const { comparison } = isRepaired && found > 0 ? await compared(copy.infra.eventStore, eventStore, through) : first;
          await copy.close();
          copy = undefined;
          await rm(copyDir, { recursive: true, force: true });
          const left = comparison.differences.length;
          return { position: through, ...comparison, repaired: found - left, ok: left + comparison.balancesDiffering === 0 };
        },
      },
      done: stopped,
    },
    async close() {
      await copy?.close();
      await infra.close();
    },
  };
});

/** @throws DataFolderLockedError while another replay has it */
async function openCopy(config: Config, dataDir: string): Promise<Copy & { close(): Promise<void> }> {
  const own: Config = { ...config, stores: 'embedded', dataDir, settlement: { ...config.settlement, indexDir: undefined } };
  const root = await openInfraRoot(own);
  const infra = await openSettlementInfra(root.connect());
  const handlers = handlersOf({ eventStore: infra.eventStore, config: own, clock: infra.clock, logger: createLogger(own) });
  return {
    infra,
    handlers,
    async close() {
      await infra.close();
      await root.close();
    },
  };
}
