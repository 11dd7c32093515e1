// What /admin/status says, as far as a benchmark asks, and waiting on it. Called by the parts of the bench, never in a measured round.

import { z } from 'zod';
import type { ApiClient } from '../server/api-client.ts';

const statusSchema = z.object({
  head: z.int(),
  projections: z.object({
    relay: z.object({ publishedThrough: z.int() }),
    models: z.array(
      z.object({
        model: z.string(),
        state: z.string(),
        lag: z.int(),
        eventsApplied: z.int(),
        gapsFilled: z.int(),
        parkedCount: z.int(),
        ageMs: z.object({ p50: z.number(), p99: z.number() }),
      }),
    ),
  }),
  settlement: z.object({
    settlement: z.object({
      indexedPosition: z.int(),
      settledThrough: z.int(),
      backlog: z.object({ slots: z.int() }),
      settled: z.int(),
      parkedCount: z.int(),
    }),
  }),
});

const headSchema = z.object({ head: z.int().nullable() });

export type ServerStatus = z.infer<typeof statusSchema>;

const pollMs = 20;
const headTriesMax = 20;

/** Asked again where the event store did not say in time where it ends, as happens under load. @throws Error when it never does */
export async function serverStatus(admin: ApiClient): Promise<ServerStatus> {
  for (let tries = 1; ; tries += 1) {
    const { body } = await admin.call('GET', '/admin/status');
    if (tries === headTriesMax || headSchema.parse(body).head !== null) return statusSchema.parse(body);
  }
}

/** Polls until `isReached`; answers how long it took and the status that said so. @throws Error after `waitMsMax` */
export async function waitForStatus(
  admin: ApiClient,
  isReached: (status: ServerStatus) => boolean,
  waitMsMax: number,
  onWait: (status: ServerStatus) => void = () => {},
): Promise<{ readonly status: ServerStatus; readonly waitedMs: number }> {
  const startMs = performance.now();
  for (;;) {
    const status = await serverStatus(admin);
    const waitedMs = performance.now() - startMs;
    if (isReached(status)) return { status, waitedMs };
    if (waitedMs > waitMsMax) throw new Error(`not reached within ${waitMsMax} ms: ${JSON.stringify(status)}`);
    onWait(status);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Every read model shows everything up to the position. */
export function isProjectedThrough(position: number): (status: ServerStatus) => boolean {
  return ({ projections: { relay, models } }) => {
    return relay.publishedThrough >= position && models.every(({ state, lag }) => state === 'running' && lag === 0);
  };
}

/** Read models and settlement index have the whole log: nothing is left to do but to wait for requests. */
export function isAtRest(position: number): (status: ServerStatus) => boolean {
  const isProjected = isProjectedThrough(position);
  return (status) => {
    const { indexedPosition, backlog } = status.settlement.settlement;
    return isProjected(status) && indexedPosition >= position && backlog.slots === 0;
  };
}

/** What no benchmark should see: gaps on the bus, parked keys, parked bets. */
export function defectsOf({ projections, settlement }: ServerStatus): readonly string[] {
  const defects = projections.models.flatMap(({ model, gapsFilled, parkedCount }) => [
    ...(gapsFilled > 0 ? [`${model} had ${gapsFilled} gaps on the bus`] : []),
    ...(parkedCount > 0 ? [`${model} has ${parkedCount} parked keys`] : []),
  ]);
  const { parkedCount } = settlement.settlement;
  return parkedCount > 0 ? [...defects, `${parkedCount} bets could not be settled`] : defects;
}
