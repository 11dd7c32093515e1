// Incidents in which a result was wrong: the settlement is taken back and made again, as two visible lines. Called by incidents.ts.

import type { Bettor } from './bettors.ts';
import type { Incident } from './incident.ts';
import { selectionsAt, type Stage } from './stage.ts';

const stakeMinor = 1_000;

/** The winner has withdrawn everything before the correction: the balance falls below zero, and the account is blocked. */
export async function correctedToLoss(stage: Stage): Promise<Incident> {
  const market = await stage.match('corrected-to-loss');
  const bettor = await stage.bettor(blockedBettor, stakeMinor);
  const betId = await stage.accepted(bettor, 'bet', stakeMinor, [stage.on(market, 'home')]);
  await stage.decide(market, 'home');
  await stage.settled();
  const withdrawal = { body: { amountMinor: 2_500, currency: 'GBP' }, key: 'all-of-it' };
  await bettor.caller.do('POST', `/v1/accounts/${bettor.accountId}/withdrawals`, withdrawal);
  await stage.decide(market, 'draw', 'correction');
  return seen(stage, bettor, betId, 'result corrected, a win becomes a loss', {
    history: 'settled 2500, reversed 2500, settled 0',
    statement: [1_000, -1_000, 2_500, -2_500, -2_500, 0],
  });
}

/** Who was left without money by it, for the refusals that need such an account. */
export const blockedBettor = 'corrected-to-loss';

export async function correctedToWin(stage: Stage): Promise<Incident> {
  const market = await stage.match('corrected-to-win');
  const bettor = await stage.bettor('corrected-to-win', 2 * stakeMinor);
  const betId = await stage.accepted(bettor, 'bet', stakeMinor, [stage.on(market, 'draw')]);
  const sameAsBefore = await stage.accepted(bettor, 'lost-either-way', stakeMinor, [stage.on(market, 'away')]);
  await stage.decide(market, 'home');
  await stage.settled();
  await stage.decide(market, 'draw', 'correction');
  const incident = await seen(stage, bettor, betId, 'result corrected, a loss becomes a win', {
    history: 'settled 0, reversed 0, settled 3200',
    statement: [2_000, -1_000, -1_000, 0, 0, 0, 3_200],
  });
  const { settlementCount } = await stage.bet(bettor, sameAsBefore);
  const seenOfBoth = `${incident.seen}; the same outcome settled ${settlementCount} time`;
  return { ...incident, seen: seenOfBoth, asExpected: incident.asExpected && settlementCount === 1 };
}

export async function correctedQuarterLine(stage: Stage): Promise<Incident> {
  const fixtureId = await stage.fixture('corrected-quarter-line');
  const terms = { kind: 'asian-handicap', line: '-0.25', selections: selectionsAt({ home: '2', away: '1.9' }) };
  const market = await stage.market(fixtureId, fixtureId, terms);
  const bettor = await stage.bettor('corrected-quarter-line', stakeMinor);
  const betId = await stage.accepted(bettor, 'bet', stakeMinor, [{ marketId: market, selectionId: 'home', odds: '2' }]);
  await stage.trader.command(market, 'close', { reason: 'full-time' });
  stage.decided(market);
  await stage.trader.command(market, 'result', { results: results('half_lost', 'half_won') });
  await stage.settled();
  await stage.trader.command(market, 'correction', { results: results('won', 'lost'), reason: 'feed-error' });
  return seen(stage, bettor, betId, 'result corrected, half lost becomes won', {
    history: 'settled 500, reversed 500, settled 2000',
    statement: [1_000, -1_000, 500, -500, 2_000],
  });
}

function results(home: string, away: string) {
  return [
    { selectionId: 'home', result: home },
    { selectionId: 'away', result: away },
  ];
}

type Expected = { readonly history: string; readonly statement: readonly number[] };

async function seen(stage: Stage, bettor: Bettor, betId: string, incident: string, expected: Expected): Promise<Incident> {
  await stage.settled();
  const history = (await stage.bet(bettor, betId)).history.map((entry) => `${entry.type} ${entry.returnMinor}`).join(', ');
  const statement = await stage.statement(bettor);
  const asExpected = history === expected.history && String(statement) === String(expected.statement);
  return { incident, seen: `${history}; statement ${statement.join(', ')}`, asExpected };
}
