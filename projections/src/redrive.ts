// Brings a parked key up to date and lets it go on: reads its events from the event store, from where it stopped to the end of the
// log. Called by start.ts in the process that owns the partitions, when the reason for parking was repaired.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { marketsOf } from '@wagerline/shared-kernel/events/markets-of';
import type { Topic } from '@wagerline/shared-kernel/ports/event-bus';
import type { RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import type { ParkedKey } from '@wagerline/shared-kernel/ports/read-model-store';
import { domainPrefixes, marketStream } from '@wagerline/shared-kernel/values/ids';
import type { Folded } from './fold-batch.ts';
import type { GenerationWriter } from './generation-writer.ts';
import type { KeyedEvent, ProjectionsInfra } from './projector.ts';

/** `parked-again` with the place and reason of now; `not-parked`: there was nothing to do; `not-here`: another process has the partition. */
export type RedriveResult =
  | { readonly outcome: 'not-here' }
  | { readonly outcome: 'unparked'; readonly eventsApplied: number }
  | { readonly outcome: 'parked-again'; readonly parked: ParkedKey }
  | { readonly outcome: 'not-parked' };

const pageSize = 500;

export async function redrive(writer: GenerationWriter, stream: string, infra: ProjectionsInfra): Promise<RedriveResult> {
  return writer.exclusively(async () => {
    writer.forget();
    const parkedBefore = (await writer.parked()).get(stream);
    if (parkedBefore === undefined) return { outcome: 'not-parked' };
    const pages = writer.projection.model.topic === 'by-market' ? marketPages(parkedBefore, infra) : streamPages(writer, stream, infra);
    let eventsApplied = 0;
    let isUnparked = false;
    for await (const records of pages) {
      if (records.length > 0) {
        const folded: Folded = await writer.applyNow(records, undefined, stream);
        eventsApplied += folded.appliedCount;
        const [again] = folded.parked;
        if (again !== undefined) return parkAgain(writer, again, infra);
      } else if (isUnparked) {
        break;
      } else {
        // And looked at once more behind it: a process that got the partition meanwhile has passed over what came before this.
        await writer.unpark(stream);
        isUnparked = true;
      }
      await nextTurn();
    }
    return { outcome: 'unparked', eventsApplied };
  });
}

/** At its new place. A stop in between leaves a gap at the poison event, which parks it again. */
async function parkAgain(writer: GenerationWriter, parked: ParkedKey, infra: ProjectionsInfra): Promise<RedriveResult> {
  await writer.unpark(parked.stream);
  await infra.readModels.write(writer.target, { puts: [], watermarks: [], park: [parked] });
  writer.forget();
  return { outcome: 'parked-again', parked };
}

/** An empty page at the end, and again what came since. The log is ahead of the bus: when it ends here, all that was skipped on the bus was read. */
async function* streamPages(writer: GenerationWriter, stream: string, infra: ProjectionsInfra): AsyncIterable<readonly KeyedEvent[]> {
  const [watermark] = await infra.readModels.watermarks(writer.target, [stream]);
  let fromRevision = (watermark?.revision ?? -1) + 1;
  for (;;) {
    const page = await infra.eventStore.readStream(stream, { fromRevision, maxCount: pageSize });
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
    if (caughtUp && events.length === 0) yield [];
    after = position;
  }
}

/** The key of the parked stream's records on the bus. */
export function redriveKey(topic: Topic, stream: string): string {
  return topic === 'by-market' ? stream.slice(marketStream('').length) : stream;
}

/** An event under each market that it touches, as the bus hands it over. */
export function marketRecords(event: RecordedEvent): readonly KeyedEvent[] {
  return marketsOf(event).map((key) => ({ key, event }));
}
