// The log of a running server up to its end at one moment, read over HTTP: whoever projects it sees the same events, however often and
// wherever. Made by compare.ts. It writes nothing.

import type { ProjectionsInfra } from '@wagerline/projections/start';
import type { RecordedEvent, StreamFilter, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
import type { ApiClient } from '../server/api-client.ts';

type Log = ProjectionsInfra['eventStore'];

const pageEventsMax = 1_000;
const streamEventsMax = 500;
const object = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);
const recorded = z.object({
  id: z.string(), type: z.string(), stream: z.string(), revision: z.int(), position: z.int(), data: object, metadata: object,
});
const page = z.object({ events: z.array(recorded), position: z.int(), caughtUp: z.boolean() });
const streamPage = z.object({ events: z.array(recorded) });
const status = z.object({ head: z.int() });

export class ServedLog implements Log {
  readonly #admin: ApiClient;
  readonly end: number;

  static async at(admin: ApiClient): Promise<ServedLog> {
    return new ServedLog(admin, status.parse((await admin.call('GET', '/admin/status')).body).head);
  }

  private constructor(admin: ApiClient, end: number) {
    this.#admin = admin;
    this.end = end;
  }

  async head(): Promise<number> {
    return this.end;
  }

  async readAll(after: number, { prefixes }: StreamFilter, maxCount: number): Promise<SubscriptionBatch> {
    if (after >= this.end) return { events: [], position: after, caughtUp: true };
    const limit = Math.min(maxCount, pageEventsMax);
    const { events, position, caughtUp } = page.parse((await this.#admin.call('GET', `/admin/log?after=${after}&limit=${limit}`)).body);
    const isWanted = ({ stream, position: at }: RecordedEvent): boolean => at <= this.end && prefixes.some((prefix) => stream.startsWith(prefix));
    return { events: events.filter(isWanted), position: Math.min(position, this.end), caughtUp: caughtUp || position >= this.end };
  }

  /** In log order, to its end. */
  async *pages(): AsyncGenerator<SubscriptionBatch> {
    for (let after = 0; after < this.end; ) {
      const batch = await this.readAll(after, { prefixes: domainPrefixes }, pageEventsMax);
      after = batch.caughtUp ? this.end : batch.position;
      yield { ...batch, position: after };
    }
  }

  async readStream(stream: string, options: { readonly fromRevision?: number; readonly maxCount?: number } = {}): Promise<readonly RecordedEvent[]> {
    const { fromRevision = 0, maxCount = streamEventsMax } = options;
    const limit = Math.min(maxCount, streamEventsMax);
    const { body } = await this.#admin.call('GET', `/admin/streams/${stream}?from=${fromRevision}&limit=${limit}`);
    return streamPage.parse(body).events;
  }

  /** Projections that are alone have nobody to agree with. */
  readLeases(): Promise<never> {
    return Promise.reject(new Error('a served log has no leases'));
  }

  writeLeases(): Promise<never> {
    return Promise.reject(new Error('a served log takes no leases'));
  }
}
