// Every projection that there is. Called by start.ts; a read model that is declared and not listed here turns a test red.

import { accountStatementProjection } from './account-statement/project.ts';
import { betHistoryProjection } from './bet-history/project.ts';
import { fixtureSearchProjection } from './fixture-search/project.ts';
import { marketLiabilityProjection } from './market-liability/project.ts';
import { oddsBoardProjection } from './odds-board/project.ts';
import type { Projection } from './projection.ts';

export const projections: readonly Projection[] = [
  betHistoryProjection,
  accountStatementProjection,
  oddsBoardProjection,
  fixtureSearchProjection,
  marketLiabilityProjection,
];
