// Incidents that end in a void leg: a bet found late, a voided market, an abandoned fixture. Called by incidents.ts.

import type { Incident } from './incident.ts';
import type { BetRead } from './read-back.ts';
import { selectionsAt, type Stage } from './stage.ts';

const stakeMinor = 1_000;
/** Long enough for one command and two slips, well below `marketViewStaleMsMax`. */
const holdMs = 1_500;

/** The view is held back while the market closes, so slips are accepted that the log knows to be late: it has the last word. */
export async function lateLeg(stage: Stage): Promise<Incident> {
  const [late, other] = [await stage.match('late'), await stage.match('late-other')];
  const bettor = await stage.bettor('late', 2 * stakeMinor);
  await stage.settled();
  await stage.admin.do('POST', '/admin/market-view/hold', { body: { forMs: holdMs } });
  await stage.trader.command(late, 'close', { reason: 'goal' });
  const single = await stage.place(bettor, 'single', stakeMinor, [stage.on(late, 'home')]);
  const double = await stage.place(bettor, 'double', stakeMinor, [stage.on(late, 'home'), stage.on(other, 'home')]);
  await stage.admin.do('POST', '/admin/market-view/release', { body: {} });
  await stage.decide(late, 'home');
  await stage.decide(other, 'home');
  await stage.settled();
  if (single.status !== 201 || double.status !== 201) {
    return { incident: 'late leg', seen: `not accepted: ${JSON.stringify([single.body, double.body])}`, asExpected: false };
  }
  const [alone, both] = [await stage.bet(bettor, String(single.body['betId'])), await stage.bet(bettor, String(double.body['betId']))];
  return {
    incident: 'late leg',
    seen: `${told(alone)}; ${told(both)}`,
    asExpected: told(alone) === 'void 1000 of 1000 (late void)' && told(both) === 'settled 2500 of 1000 (late void, won)',
  };
}

export async function voidedMarket(stage: Stage): Promise<Incident> {
  const [voided, other] = [await stage.match('voided'), await stage.match('voided-other')];
  const bettor = await stage.bettor('voided', 2 * stakeMinor);
  const single = await stage.accepted(bettor, 'single', stakeMinor, [stage.on(voided, 'home')]);
  const double = await stage.accepted(bettor, 'double', stakeMinor, [stage.on(voided, 'draw'), stage.on(other, 'draw')]);
  await stage.trader.command(voided, 'void', { reason: 'wrong-price' });
  stage.decided(voided);
  await stage.decide(other, 'draw');
  await stage.settled();
  const [alone, both] = [await stage.bet(bettor, single), await stage.bet(bettor, double)];
  return {
    incident: 'voided market',
    seen: `${told(alone)}; ${told(both)}`,
    asExpected: told(alone) === 'void 1000 of 1000 (void)' && told(both) === 'settled 3200 of 1000 (void, won)',
  };
}

/** What was decided before the end stands; what was not is void. */
export async function abandonedFixture(stage: Stage): Promise<Incident> {
  const undecided = await stage.match('abandoned');
  const decided = 'incident.abandoned.ou0.5';
  await stage.market(decided, undecided, { kind: 'total-goals', line: '0.5', selections: selectionsAt({ over: '1.1', under: '6' }) });
  const bettor = await stage.bettor('abandoned', 2 * stakeMinor);
  const result = await stage.accepted(bettor, 'result', stakeMinor, [stage.on(undecided, 'away')]);
  const goals = await stage.accepted(bettor, 'goals', stakeMinor, [{ marketId: decided, selectionId: 'over', odds: '1.1' }]);
  await stage.trader.fixture(undecided, 'start', {});
  for (const marketId of [undecided, decided]) {
    await stage.trader.awaitStatus(marketId, 'closed');
    stage.decided(marketId);
  }
  const over = { selectionId: 'over', result: 'won' };
  await stage.trader.command(decided, 'result', { results: [over, { selectionId: 'under', result: 'lost' }] });
  await stage.trader.fixture(undecided, 'abandon', { reason: 'weather' });
  await stage.trader.awaitStatus(undecided, 'voided');
  await stage.settled();
  const [onResult, onGoals] = [await stage.bet(bettor, result), await stage.bet(bettor, goals)];
  return {
    incident: 'abandoned fixture',
    seen: `match result ${told(onResult)}; first goal had fallen: ${told(onGoals)}`,
    asExpected: told(onResult) === 'void 1000 of 1000 (void)' && told(onGoals) === 'settled 1100 of 1000 (won)',
  };
}

function told({ status, returnMinor, stakeMinor: staked, legs }: BetRead): string {
  return `${status} ${returnMinor} of ${staked} (${legs.map((leg) => `${leg.late ? 'late ' : ''}${leg.result}`).join(', ')})`;
}
