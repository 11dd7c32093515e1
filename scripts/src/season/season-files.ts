// Where the samples that come with the repository are. Called by the season, the demo and their tests.

import { fileURLToPath } from 'node:url';

export const premierLeague = fileURLToPath(new URL('../../samples/premier-league-2019-20.csv', import.meta.url));
