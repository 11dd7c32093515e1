// How long until the other one takes over: a relay, a projector, a settlement worker is killed and kept from starting again, and clients
// wait for what only the second one can do now. Called by engines-run.ts under load, after the kills.

import type { Cluster, SharedPart } from './cluster.ts';
import type { Probe, Recovery } from './probe.ts';

export type Takeover = {
  readonly part: SharedPart;
  /** From the kill until clients had everything that the dead one served. */
  readonly ms: number;
  /** What the dead one had and what the other one has in the end: a lease, partitions of the models, slots. */
  readonly had: number;
  readonly otherHas: number;
};

export const sharedParts: readonly SharedPart[] = ['relay', 'projector', 'settlement'];

/** Resolves when the killed one is back, too. */
export async function takeOver(cluster: Cluster, probe: Probe, part: SharedPart, signal: AbortSignal): Promise<Takeover> {
  const over = Promise.withResolvers<void>();
  try {
    const busiest = await cluster.busiest(part);
    const had = await cluster.share(part, busiest);
    const killedAtMs = performance.now();
    const { back } = await cluster.killAndHold(part, busiest, over.promise);
    const recovery = await probe.run(killedAtMs, signal);
    const otherHas = await cluster.share(part, 1 - busiest);
    over.resolve();
    await back;
    return { part, ms: servedMs(part, recovery), had, otherHas };
  } finally {
    over.resolve();
  }
}

/** A settlement worker is waited for by bets that end, the others by what is read. */
function servedMs(part: SharedPart, { readMs, settledMs }: Recovery): number {
  return part === 'settlement' ? settledMs : readMs;
}
