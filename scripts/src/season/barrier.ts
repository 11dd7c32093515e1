// Waits until everything that the server has acknowledged so far has had its effects: prices in the view that slips are judged against,
// results settled, read models complete. Called by play.ts. Positions decide; the only clock is the bound of the wait.

import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { StatusPart } from '../server/operations.ts';
import type { Caller } from './api.ts';

const model = z.object({ model: z.string(), lag: z.int(), gapsFilled: z.int(), parkedCount: z.int() });
/** Null: the event store did not say in time where it ends, and is asked again. */
const headSchema = z.object({ head: z.int().nullable() });
const viewSchema = headSchema.extend({ marketView: z.object({ fresh: z.boolean(), through: z.int() }) });
const projectionsSchema = z.object({ projections: z.object({ relay: z.object({ publishedThrough: z.int() }), models: z.array(model) }) });
const settlementSchema = z.object({
  settlement: z.object({
    reactor: z.object({ position: z.int(), parkedCount: z.int() }),
    settlement: z.object({ settledThrough: z.int(), parkedCount: z.int() }),
  }),
});

export type ServerStatus = { readonly head: number } & z.infer<typeof projectionsSchema> & z.infer<typeof settlementSchema>;

const pollMsMin = 5;
const pollMsMax = 100;
const waitMsMax = 300_000;

/** Prices and fixtures are in the view of the command side. */
export async function pricesInView(admin: Caller): Promise<void> {
  let asked: number | undefined;
  await until(admin, 'marketView', viewSchema, 'prices are in the market view', ({ marketView, head }) => {
    asked ??= head ?? undefined;
    return asked !== undefined && marketView.fresh && marketView.through >= asked;
  });
}

/** Every result is settled, and every effect of it is in the read models. */
export async function settled(admin: Caller): Promise<ServerStatus> {
  const asked = await headNow(admin);
  const { settlement } = await until(admin, 'settlement', settlementSchema, 'results are settled', ({ settlement: { reactor, settlement: worker } }) => {
    return reactor.position >= asked && worker.settledThrough >= asked;
  });
  const head = await headNow(admin);
  const { projections } = await until(admin, 'projections', projectionsSchema, 'read models are complete', ({ projections: { relay, models } }) => {
    return relay.publishedThrough >= head && models.every(({ lag }) => lag === 0);
  });
  return { head, settlement, projections };
}

async function headNow(admin: Caller): Promise<number> {
  const { head } = await until(admin, 'marketView', headSchema, 'the event store answers', (status) => status.head !== null);
  return head ?? 0;
}

/** Asks for one part alone: on the engines each of them is work for its processes, which the wait should not slow down. */
async function until<Status>(
  admin: Caller,
  part: StatusPart,
  schema: z.ZodType<Status>,
  what: string,
  holds: (status: Status) => boolean,
): Promise<Status> {
  let pollMs = pollMsMin;
  let status: Status | undefined;
  for (let waitedMs = 0; waitedMs < waitMsMax; waitedMs += pollMs) {
    status = schema.parse(await admin.do('GET', `/admin/status?of=${part}`));
    if (holds(status)) return status;
    await delay(pollMs);
    pollMs = Math.min(pollMs * 2, pollMsMax);
  }
  throw new Error(`waited ${waitMsMax} ms until ${what}: ${JSON.stringify(status)}`);
}
