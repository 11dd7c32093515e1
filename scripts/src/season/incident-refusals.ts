// Every code that a slip, a deposit or another command of an account can be refused with, each brought about once. Called by incidents.ts.
// FIXTURE_STARTED is among the trader's: a start closes the markets, so a slip hears it for a moment only, which nobody can aim at.

import type { Answer } from './api.ts';
import { currency, type Bettor } from './bettors.ts';
import { blockedBettor } from './incident-corrections.ts';
import type { Incident, Refusal } from './incident.ts';
import { promotionRefusals } from './incident-promotion-refusals.ts';
import { tradingRefusals } from './incident-trading-refusals.ts';
import type { Stage, StageLeg } from './stage.ts';

const stakeMinor = 500;
/** A server allows no more open bets than this, whatever its configuration. */
const openBetsMax = 1_001;
/** Above the server's default settings. */
const aboveStakeMax = 10_000_001;
const aboveDepositMax = 100_000_001;

const slipRefusals: readonly Refusal[] = [
  { code: 'ACCOUNT_NOT_FOUND', bring: async (stage) => placeOne(stage, await stage.as('nobody')) },
  { code: 'ACCOUNT_BLOCKED', bring: async (stage) => placeOne(stage, await stage.as(blockedBettor)) },
  {
    code: 'SELF_EXCLUDED',
    async bring(stage) {
      const bettor = await stage.bettor('excluded', stakeMinor);
      await bettor.caller.do('POST', path(bettor, 'self-exclusion'), { body: { until: null } });
      return placeOne(stage, bettor);
    },
  },
  { code: 'CURRENCY_MISMATCH', bring: (stage) => onOpenMatch(stage, 'currency', {}, { currency: 'EUR' }) },
  { code: 'LEGS_INVALID', bring: (stage) => onOpenMatch(stage, 'legs', {}, { type: 'double' }) },
  { code: 'BET_TYPE_INVALID', bring: (stage) => onOpenMatch(stage, 'folds', {}, { folds: [2] }) },
  { code: 'EACH_WAY_UNAVAILABLE', bring: (stage) => onOpenMatch(stage, 'each-way', {}, { eachWay: true }) },
  {
    code: 'STAKE_INDIVISIBLE',
    bring: (stage) => onOpenMatch(stage, 'indivisible', {}, { lines: [[0], [0]], totalStakeMinor: 499 }),
  },
  {
    code: 'LINES_OVER_LIMIT',
    async bring(stage) {
      const legs = new Array<StageLeg>(20).fill(stage.on(await openMatch(stage), 'home'));
      const lines = new Array<number[]>(101).fill([...legs.keys()]);
      return stage.place(await stage.bettor('lines', stakeMinor), 'bet', stakeMinor, legs, { lines });
    },
  },
  {
    code: 'LEG_DUPLICATE',
    async bring(stage) {
      const leg = stage.on(await openMatch(stage), 'home');
      return stage.place(await stage.bettor('duplicate', stakeMinor), 'bet', stakeMinor, [leg, leg]);
    },
  },
  {
    code: 'LEGS_RELATED',
    async bring(stage) {
      const match = await openMatch(stage);
      return stage.place(await stage.bettor('related', stakeMinor), 'bet', stakeMinor, [stage.on(match, 'home'), stage.on(match, 'draw')]);
    },
  },
  { code: 'MARKET_UNKNOWN', bring: (stage) => onOpenMatch(stage, 'unknown', { marketId: 'incident.nowhere' }) },
  { code: 'SELECTION_NOT_FOUND', bring: (stage) => onOpenMatch(stage, 'selection', { selectionId: 'abandoned' }) },
  { code: 'MARKET_CLOSED', bring: (stage) => afterTrading(stage, 'closed', 'close') },
  { code: 'MARKET_SUSPENDED', bring: (stage) => afterTrading(stage, 'suspended', 'suspend') },
  {
    code: 'FIXTURE_POSTPONED',
    async bring(stage) {
      const market = await stage.match('postponed');
      // A stage's match has the id of its fixture.
      await stage.trader.fixture(market, 'postpone', { reason: 'frost' });
      // Whoever knows the price that came after it knows of the postponement.
      await stage.trader.command(market, 'prices', { prices: [{ selectionId: 'home', odds: '3' }] });
      const leg = { ...stage.on(market, 'home'), odds: '3', marketVersion: stage.trader.versionOf(market) };
      return stage.place(await stage.bettor('postponed', stakeMinor), 'bet', stakeMinor, [leg]);
    },
  },
  { code: 'ODDS_CHANGED', bring: (stage) => onOpenMatch(stage, 'odds', { odds: '2.6' }, { oddsChangePolicy: 'better' }) },
  {
    code: 'STAKE_OVER_LIMIT',
    async bring(stage) {
      const market = await stage.match('stake-over-limit', { stakeMaxPerBetMinor: stakeMinor - 1 });
      return stage.place(await stage.bettor('stake-over-limit', stakeMinor), 'bet', stakeMinor, [stage.on(market, 'home')]);
    },
  },
  { code: 'STAKE_INVALID', bring: (stage) => onOpenMatch(stage, 'stake', {}, { stakeMinor: aboveStakeMax }) },
  {
    code: 'RETURN_OVER_LIMIT',
    async bring(stage) {
      const market = await stage.match('return-over-limit');
      const prices = [{ selectionId: 'home', odds: '100000' }];
      await stage.trader.command(market, 'prices', { prices });
      const leg = { ...stage.on(market, 'home'), odds: '100000', marketVersion: stage.trader.versionOf(market) };
      return stage.place(await stage.bettor('return-over-limit', 1_001), 'bet', 1_001, [leg]);
    },
  },
  {
    code: 'OPEN_BETS_OVER_LIMIT',
    async bring(stage) {
      const bettor = await stage.bettor('open-bets', openBetsMax);
      const leg = stage.on(await openMatch(stage), 'home');
      for (let number = 1; ; number += 1) {
        const answer = await stage.place(bettor, `bet-${number}`, 1, [leg]);
        if (answer.status !== 201 || number === openBetsMax) return answer;
      }
    },
  },
  { code: 'STAKE_LIMIT_EXCEEDED', bring: (stage) => afterLimit(stage, 'stake') },
  { code: 'LOSS_LIMIT_EXCEEDED', bring: (stage) => afterLimit(stage, 'loss') },
  { code: 'INSUFFICIENT_FUNDS', bring: (stage) => onOpenMatch(stage, 'funds', {}, { stakeMinor: stakeMinor + 1 }) },
  {
    code: 'IDEMPOTENCY_KEY_REUSED',
    async bring(stage) {
      const bettor = await stage.bettor('key', 2 * stakeMinor);
      const leg = stage.on(await openMatch(stage), 'home');
      await stage.accepted(bettor, 'bet', stakeMinor, [leg]);
      return stage.place(bettor, 'bet', stakeMinor - 1, [leg]);
    },
  },
];

const accountRefusals: readonly Refusal[] = [
  {
    code: 'DEPOSIT_LIMIT_EXCEEDED',
    async bring(stage) {
      const bettor = await stage.bettor('deposit-limit', 0);
      await bettor.caller.do('PUT', path(bettor, 'limits/deposit/day'), { body: { amountMinor: 100 } });
      return depositOf(bettor, 101);
    },
  },
  {
    code: 'AMOUNT_INVALID',
    async bring(stage) {
      return depositOf(await stage.bettor('amount', 0), aboveDepositMax);
    },
  },
  {
    code: 'CURRENCY_UNKNOWN',
    async bring(stage) {
      const { accountId, caller } = await stage.as('currency-unknown');
      return caller.call('PUT', `/v1/accounts/${accountId}`, { body: { currency: 'ZZZ', brand: 'season', jurisdiction: 'GB' } });
    },
  },
  {
    code: 'ACCOUNT_ALREADY_OPEN',
    async bring(stage) {
      const { accountId, caller } = await stage.bettor('already-open', 0);
      return caller.call('PUT', `/v1/accounts/${accountId}`, { body: { currency: 'EUR', brand: 'season', jurisdiction: 'GB' } });
    },
  },
  {
    code: 'SELF_EXCLUSION_SHORTER',
    async bring(stage) {
      const bettor = await stage.bettor('exclusion-shorter', 0);
      await bettor.caller.do('POST', path(bettor, 'self-exclusion'), { body: { until: null } });
      return bettor.caller.call('POST', path(bettor, 'self-exclusion'), { body: { until: '2031-01-01T00:00:00.000Z' } });
    },
  },
  {
    code: 'BET_NOT_FOUND',
    async bring(stage) {
      const bettor = await stage.bettor('no-bet', 0);
      return stage.trading.call('POST', path(bettor, `bets/${stage.accountId('no-such-bet')}/void`), { body: { reason: 'complaint' } });
    },
  },
];

export const refusals: readonly Refusal[] = [...slipRefusals, ...promotionRefusals, ...accountRefusals, ...tradingRefusals];

export async function asRefused(stage: Stage, { code, bring }: Refusal): Promise<Incident> {
  const { status, body } = await bring(stage);
  const seen = `${status} ${String(body['code'] ?? JSON.stringify(body))}`;
  return { incident: `refused ${code}`, seen, asExpected: status >= 400 && body['code'] === code };
}

async function placeOne(stage: Stage, bettor: Bettor): Promise<Answer> {
  return stage.place(bettor, 'refused', stakeMinor, [stage.on(await openMatch(stage), 'home')]);
}

function depositOf(bettor: Bettor, amountMinor: number): Promise<Answer> {
  return bettor.caller.call('POST', path(bettor, 'deposits'), { body: { amountMinor, currency }, key: 'refused' });
}

async function onOpenMatch(stage: Stage, name: string, leg: Partial<StageLeg>, more = {}): Promise<Answer> {
  const bettor = await stage.bettor(name, stakeMinor);
  return stage.place(bettor, 'bet', stakeMinor, [{ ...stage.on(await openMatch(stage), 'home'), ...leg }], more);
}

/** The slip names the version that the trader's command made, so it is judged after it. */
async function afterTrading(stage: Stage, name: string, action: string): Promise<Answer> {
  const market = await stage.match(name);
  await stage.trader.command(market, action, { reason: 'goal' });
  const leg = { ...stage.on(market, 'home'), marketVersion: stage.trader.versionOf(market) };
  return stage.place(await stage.bettor(name, stakeMinor), 'bet', stakeMinor, [leg]);
}

async function afterLimit(stage: Stage, kind: 'stake' | 'loss'): Promise<Answer> {
  const bettor = await stage.bettor(`${kind}-limit`, 2 * stakeMinor);
  await bettor.caller.do('PUT', path(bettor, `limits/${kind}/week`), { body: { amountMinor: 2 * stakeMinor - 1 } });
  const leg = stage.on(await openMatch(stage), 'home');
  await stage.accepted(bettor, 'first', stakeMinor, [leg]);
  return stage.place(bettor, 'second', stakeMinor, [leg]);
}

/** One match serves all slips that only need something to bet on; opening it again changes nothing. */
function openMatch(stage: Stage): Promise<string> {
  return stage.match('open');
}

function path({ accountId }: Bettor, rest: string): string {
  return `/v1/accounts/${accountId}/${rest}`;
}
