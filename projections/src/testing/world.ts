// The embedded adapters in a temporary folder, with a history to append and publish: what the tests of the runner stand on.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@wagerline/infra/config';
import { openInfraRoot, openProjectionInfra } from '@wagerline/infra/open-infra';
import type { NewEvent, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import type { ProjectionsInfra } from '../projector.ts';
import { encoded, type Happening } from './history.ts';

export type World = {
  readonly infra: ProjectionsInfra;
  /** What was logged as an error so far. */
  readonly errors: readonly string[];
  append(happenings: readonly Happening[]): Promise<void>;
  appendRaw(stream: string, event: NewEvent): Promise<void>;
  /** Moves the bus to the end of the log. */
  publish(): Promise<void>;
  /** Every domain event, in log order. */
  log(): Promise<readonly RecordedEvent[]>;
  close(): Promise<void>;
};

export async function openWorld(partitionCount = 1): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'projections-'));
  const root = await openInfraRoot(loadConfig({}, { dataDir, logLevel: 'silent', bus: { partitionCount } }));
  const parts = await openProjectionInfra(root.connect());
  const { eventStore, bus } = parts;
  const errors: string[] = [];
  const note = (_context: unknown, message?: string): void => void errors.push(message ?? '');
  const infra: ProjectionsInfra = { ...parts, logger: { info: () => {}, warn: () => {}, error: note } };
  let appended = 0;
  return {
    infra,
    errors,
    async append(happenings) {
      const writes = happenings.map(({ stream, event }) => {
        appended += 1;
        return eventStore.append(stream, 'any', [encoded(event, appended)]);
      });
      await Promise.all(writes);
    },
    async appendRaw(stream, event) {
      await eventStore.append(stream, 'any', [event]);
    },
    publish: async () => bus.publish([], await eventStore.head()),
    log: async () => (await eventStore.readAll(0, { prefixes: domainPrefixes }, 100_000)).events,
    async close() {
      await parts.close();
      await root.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
