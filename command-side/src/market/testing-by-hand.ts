// Who decides of a market by hand in tests.

import type { Actor } from '@wagerline/shared-kernel/events/metadata';
import type { ByHand } from './commands.ts';

export const decisionId = '6f1c2d3e-4a5b-5c6d-8e7f-901a2b3c4d5e';
export const trader: Actor = { role: 'trader', id: 'trader-1' };
/** No sum needs a second person. */
export const alone: ByHand = { decisionId, by: trader, approvalAboveMinor: Number.MAX_SAFE_INTEGER };
