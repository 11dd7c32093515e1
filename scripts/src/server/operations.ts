// What operators and tools can do with a running Wagerline, whether it is one process tree or many processes. Served by admin-routes.ts
// and job-routes.ts.

import type { InfraLink } from '@wagerline/infra/open-infra';
import type { RecordedEvent, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import type { Json, JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Part } from './part.ts';
import type { SettlementProgress } from './settlement-progress.ts';

export const statusParts = ['marketView', 'projections', 'settlement'] as const;
/** Each costs what it asks of its processes: whoever waits for one of them asks for no other. */
export type StatusPart = (typeof statusParts)[number];

export type Operations = {
  /** How far everything is that is asked for, beside `head`. Of several processes also `problems`: what could not be asked. */
  status(parts: readonly StatusPart[]): Promise<JsonObject>;
  readStream(stream: string, from: number, limit: number): Promise<readonly RecordedEvent[]>;
  /** Domain events of all streams, in log order. */
  readLog(after: number, limit: number): Promise<SubscriptionBatch>;
  readonly projections: Pick<Part, 'request'>;
  /** Of all its workers together. */
  settlementProgress(): Promise<SettlementProgress>;
  /** What people decided of markets by hand, and what has not taken effect: the oldest first. */
  waitingDecisions(): Promise<readonly Json[]>;
  /** Of every process that judges slips. */
  holdView(forMs: number): Promise<void>;
  releaseView(): Promise<void>;
  /** Of every process; undefined where time is real. */
  readonly clock: { nowMs(): number; advanceTo(ms: number): Promise<void> } | undefined;
  /** A link for a thread that reads. */
  connect(): InfraLink;
};
