// Every read model that there is, by name: for tools, the runner and the query side.

import { accountStatement } from './account-statement.ts';
import { betHistory } from './bet-history.ts';
import { fixtureSearch } from './fixture-search.ts';
import { marketLiability } from './market-liability.ts';
import { oddsBoard } from './odds-board.ts';
import type { ReadModel } from './read-model.ts';

export const readModels: readonly ReadModel[] = [betHistory, accountStatement, oddsBoard, fixtureSearch, marketLiability];
