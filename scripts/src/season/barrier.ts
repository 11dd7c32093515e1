// Waits until everything that the server has acknowledged so far has had its effects: prices in the view that slips are judged against,
// results settled, read models complete. Called by play.ts. Positions decide; the only clock is the bound of the wait.

import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Caller } from './api.ts';

const model = z.object({ model: z.string(), lag: z.int(), gapsFilled: z.int(), parkedCount: z.int() });
const statusSchema = z.object({
  head: z.int(),
  marketView: z.object({ fresh: z.boolean(), through: z.int() }),
  projections: z.object({ relay: z.object({ publishedThrough: z.int() }), models: z.array(model) }),
  settlement: z.object({
    reactor: z.object({ position: z.int(), parkedCount: z.int() }),
    settlement: z.object({ settledThrough: z.int(), parkedCount: z.int() }),
  }),
});

export type ServerStatus = z.infer<typeof statusSchema>;

const pollMsMin = 5;
const pollMsMax = 100;
const waitMsMax = 300_000;

/** Prices and fixtures are in the view of the command side. */
export async function pricesInView(admin: Caller): Promise<void> {
  const { head } = await serverStatus(admin);
  await until(admin, 'prices are in the market view', ({ marketView }) => marketView.fresh && marketView.through >= head);
}

/** Every result is settled, and every effect of it is in the read models. */
export async function settled(admin: Caller): Promise<ServerStatus> {
  const asked = await serverStatus(admin);
  await until(admin, 'results are settled', ({ settlement: { reactor, settlement } }) => {
    return reactor.position >= asked.head && settlement.settledThrough >= asked.head;
  });
  const { head } = await serverStatus(admin);
  return until(admin, 'read models are complete', ({ projections: { relay, models } }) => {
    return relay.publishedThrough >= head && models.every(({ lag }) => lag === 0);
  });
}

export async function serverStatus(admin: Caller): Promise<ServerStatus> {
  return statusSchema.parse(await admin.do('GET', '/admin/status'));
}

async function until(admin: Caller, what: string, holds: (status: ServerStatus) => boolean): Promise<ServerStatus> {
  let pollMs = pollMsMin;
  for (let waitedMs = 0; waitedMs < waitMsMax; waitedMs += pollMs) {
    const status = await serverStatus(admin);
    if (holds(status)) return status;
    await delay(pollMs);
    pollMs = Math.min(pollMs * 2, pollMsMax);
  }
  throw new Error(`waited ${waitMsMax} ms until ${what}: ${JSON.stringify(await serverStatus(admin))}`);
}
