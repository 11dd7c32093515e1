// Every event that there is. A new one is added to its aggregate's file and here it is known: codec, samples and projectors follow.

import { accountEvents, type AccountEvent } from './account-events.ts';
import { fixtureEvents, type FixtureEvent } from './fixture-events.ts';
import { marketEvents, type MarketEvent } from './market-events.ts';
import type { EventDefinition } from './schema.ts';

export type DomainEvent = AccountEvent | MarketEvent | FixtureEvent;
export type EventType = DomainEvent['type'];

export const catalogue: ReadonlyMap<string, EventDefinition> = new Map(Object.entries({ ...accountEvents, ...marketEvents, ...fixtureEvents }));
