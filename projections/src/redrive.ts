// Brings a parked key up to date and lets it go on: reads its events from the event store, from where it stopped to the end of the
// log. Called by start.ts in the process that owns the partitions, when the reason for parking was repaired.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { marketsOf } from '@wagerline/shared-kernel/events/markets-of';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { domainPrefixes, marketStream } from '@wagerline/shared-kernel/values/ids';
import type { Folded } from './fold-batch.ts';
import type { GenerationWriter } from './generation-writer.ts';
import type { KeyedEvent, ProjectionsInfra } from './projector.ts';

/** `parked-again` with the place and reason of now; `not-parked`: there was nothing to do. */
export type RedriveResult =
  | { readonly outcome: 'unparked'; readonly eventsApplied: number }
  | { readonly outcome: 'parked-again'; readonly parked: ParkedKey }
  | { readonly outcome: 'not-parked' };

const pageSize = 500;

export async function redrive(writer: GenerationWriter, stream: string, infra: ProjectionsInfra): Promise<RedriveResult> {
  return writer.exclusively(async () => {
    const parkedBefore = (await writer.parked()).get(stream);
    if (parkedBefore === undefined) return { outcome: 'not-parked' };
    const pages = writer.projection.model.topic === 'by-market' ? marketPages(parkedBefore, infra) : streamPages(writer, stream, infra);
    let eventsApplied = 0;
    for await (const records of pages) {
      const folded: Folded = await writer.applyNow(records, undefined, stream);
      eventsApplied += folded.appliedCount;
      const [again] = folded.parked;
      if (again !== undefined) return { outcome: 'parked-again', parked: again };
      await nextTurn();
    }
    await writer.unpark(stream);
    return { outcome: 'unparked', eventsApplied };
  });
}

/** The log is ahead of the bus, so when it ends here, everything that was skipped on the bus has been read. */
async function* streamPages(writer: GenerationWriter, stream: string, infra: ProjectionsInfra): AsyncIterable<readonly KeyedEvent[]> {
  const [watermark] = await infra.readModels.watermarks(writer.target, [stream]);
  let fromRevision = (watermark?.revision ?? -1) + 1;
  for (;;) {
    const page = await infra.eventStore.readStream(stream, { fromRevision, maxCount: pageSize });
    if (page.length === 0) return;
    yield page.map((event) => ({ key: stream, event }));
    fromRevision += page.length;
  }
}

/** A market's events lie in the streams of its bettors too, so the whole log after the poison event is looked through. */
async function* marketPages(parked: ParkedKey, infra: ProjectionsInfra): AsyncIterable<readonly KeyedEvent[]> {
  let after = parked.position - 1;
  for (;;) {
    const { events, position, caughtUp } = await infra.eventStore.readAll(after, { prefixes: domainPrefixes }, pageSize);
    const records = events.flatMap((event) => marketRecords(event).filter(({ key }) => marketStream(key) === parked.stream));
    if (records.length > 0) yield records;
    if (caughtUp && events.length === 0) return;
    after = position;
  }
}

/** An event under each market that it touches, as the bus hands it over. */
export function marketRecords(event: RecordedEvent): readonly KeyedEvent[] {
  return marketsOf(event).map((key) => ({ key, event }));
}
