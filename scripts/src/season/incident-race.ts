// A race among the incidents: an each-way bet before and after a runner was withdrawn, a dead heat, a starting price. Called by incidents.ts.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Incident } from './incident.ts';
import { selectionsAt, type Stage } from './stage.ts';

const stakeMinor = 1_000;
const runners = { ajax: '9', bran: '5', cid: '3', dun: '6.5' } as const;

export async function eachWayRace(stage: Stage): Promise<Incident> {
  const fixture = await stage.fixture('race');
  const race = await stage.market('incident.race.winner', fixture, { kind: 'winner', selections: selectionsAt(runners) });
  await stage.trader.command(race, 'place-terms', { places: 2, fraction: '1/5' });
  const bettor = await stage.bettor('race', 6 * stakeMinor);
  const on = (selectionId: keyof typeof runners, odds: string = runners[selectionId]): JsonObject => {
    return { marketId: race, selectionId, odds, marketVersion: stage.trader.versionOf(race) };
  };
  const strike = async (key: string, leg: JsonObject): Promise<string> => {
    const body = { type: 'single', currency: 'GBP', stakeMinor, eachWay: true, legs: [leg] };
    return String((await bettor.caller.do('POST', '/v1/bets', { body, key }))['betId']);
  };
  const won = await strike('won', on('ajax'));
  const withdrawn = await strike('withdrawn', on('dun'));
  await stage.trader.command(race, 'withdrawals', { selectionId: 'dun', rule4Percent: 20, reason: 'lame' });
  await stage.trader.command(race, 'resume', {});
  const atStart = await strike('starting-price', on('bran', 'SP'));
  await stage.trader.command(race, 'close', { reason: 'off' });
  stage.decided(race);
  const results = [{ selectionId: 'ajax', position: 1, tied: 2 }, { selectionId: 'bran', position: 1, tied: 2 }, { selectionId: 'cid', position: 3 }];
  await stage.trader.command(race, 'result', { results });
  await stage.trader.command(race, 'starting-prices', { prices: [{ selectionId: 'bran', odds: '6' }] });
  await stage.settled();
  const returns: (number | null)[] = [];
  for (const betId of [won, withdrawn, atStart]) returns.push((await stage.bet(bettor, betId)).returnMinor);
  // 10 x 7.4 / 2 + 10 x 2.28; both stakes; 10 x 6 / 2 + 10 x 2
  return { incident: 'each-way race', seen: `returns ${returns.join(', ')}`, asExpected: String(returns) === '5980,2000,5000' };
}
