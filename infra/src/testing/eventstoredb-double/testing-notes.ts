// What the parts of the server's contract share: a client, names of streams that no other test uses, and events. Used by contract.ts and tests.

import { randomUUID } from 'node:crypto';
import { jsonEvent, type EventStoreDBClient, type JSONEventData, type JSONEventType } from '@eventstore/db-client';

export type Connect = () => EventStoreDBClient;
export type TestEvent = JSONEventData<JSONEventType<'Noted', { readonly index: number }>>;

export const newName = (category = 'conformance'): string => `${category}-${randomUUID()}`;

export function notes(count: number): TestEvent[] {
  return Array.from({ length: count }, (_, index) => jsonEvent({ type: 'Noted' as const, data: { index }, metadata: { by: 'test' } }));
}
