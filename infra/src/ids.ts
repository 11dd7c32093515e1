// Random ids behind the Ids port, for what is not derived from a command: accounts, processes.

import { randomUUID } from 'node:crypto';

import type { Ids } from '@wagerline/shared-kernel/ports/clock';

export const randomIds: Ids = { random: () => randomUUID() };
