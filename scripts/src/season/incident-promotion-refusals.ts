// Every code that a free bet, a bet builder or a race can be refused with, each brought about once. Called by incident-refusals.ts.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Answer } from './api.ts';
import { currency, type Bettor } from './bettors.ts';
import type { Refusal } from './incident.ts';
import type { Stage } from './stage.ts';

const stakeMinor = 500;
const notYet = '2031-01-01T00:00:00.000Z';
/** As many as an account or fixture may have, and one. */
const freeBetsMax = 20;
const buildersMax = 100;

export const promotionRefusals: readonly Refusal[] = [
  {
    code: 'STARTING_PRICE_UNAVAILABLE',
    async bring(stage) {
      const leg = { ...stage.on(await stage.match('open'), 'home'), odds: 'SP' };
      return stage.place(await stage.bettor('starting-price', stakeMinor), 'bet', stakeMinor, [leg]);
    },
  },
  {
    code: 'SELECTION_WITHDRAWN',
    async bring(stage) {
      const market = await stage.match('withdrawn');
      await stage.trader.command(market, 'withdrawals', { selectionId: 'draw', reason: 'lame' });
      await stage.trader.command(market, 'resume', {});
      const leg = { ...stage.on(market, 'draw'), marketVersion: stage.trader.versionOf(market) };
      return stage.place(await stage.bettor('withdrawn', stakeMinor), 'bet', stakeMinor, [leg]);
    },
  },
  { code: 'FREE_BET_NOT_FOUND', bring: async (stage) => staked(stage, await stage.bettor('no-token', 0), stage.accountId('no-such-token')) },
  {
    code: 'FREE_BET_EXPIRED',
    async bring(stage) {
      const bettor = await stage.bettor('expired-token', 0);
      await grant(stage, bettor, 'expired', { expiresAt: '2001-01-01T00:00:00.000Z' });
      return staked(stage, bettor, stage.accountId('expired'));
    },
  },
  {
    code: 'FREE_BET_STAKE',
    async bring(stage) {
      const bettor = await stage.bettor('other-stake', 0);
      await grant(stage, bettor, 'larger', { amountMinor: stakeMinor + 1 });
      return staked(stage, bettor, stage.accountId('larger'));
    },
  },
  {
    code: 'FREE_BET_EXISTS',
    async bring(stage) {
      const bettor = await stage.bettor('same-token', 0);
      await grant(stage, bettor, 'same');
      return grant(stage, bettor, 'same', { amountMinor: stakeMinor + 1 });
    },
  },
  {
    code: 'FREE_BETS_OVER_LIMIT',
    async bring(stage) {
      const bettor = await stage.bettor('many-tokens', 0);
      for (let number = 1; number <= freeBetsMax; number += 1) await grant(stage, bettor, `token-${number}`);
      return grant(stage, bettor, 'one-more');
    },
  },
  {
    code: 'BUILDER_NOT_OFFERED',
    async bring(stage) {
      const market = await stage.match('builder');
      const total = await stage.market('incident.builder.ou', market, { kind: 'total-goals', line: '2.5', selections: totals });
      const legs = [stage.on(market, 'home'), { marketId: total, selectionId: 'over', odds: '2' }];
      return stage.place(await stage.bettor('builder', stakeMinor), 'bet', stakeMinor, legs, { type: 'bet-builder', combinedOdds: '4' });
    },
  },
  {
    code: 'BUILDERS_OVER_LIMIT',
    async bring(stage) {
      const fixture = await stage.fixture('builders');
      const legs = ['one', 'two'].map((marketId) => ({ marketId, selectionId: 'home' }));
      for (let number = 1; ; number += 1) {
        const answer = await stage.trading.call('PUT', `/v1/fixtures/${fixture}/bet-builders/${number}`, { body: { legs, odds: '4' } });
        if (answer.status !== 200 || number > buildersMax) return answer;
      }
    },
  },
];

const totals: readonly JsonObject[] = ['over', 'under'].map((selectionId) => ({ selectionId, name: selectionId, odds: '2' }));

function grant(stage: Stage, { accountId }: Bettor, name: string, change: JsonObject = {}): Promise<Answer> {
  const body = { amountMinor: stakeMinor, currency, expiresAt: notYet, ...change };
  return stage.trading.call('PUT', `/v1/accounts/${accountId}/free-bets/${stage.accountId(name)}`, { body });
}

async function staked(stage: Stage, bettor: Bettor, freeBetId: string): Promise<Answer> {
  return stage.place(bettor, 'bet', stakeMinor, [stage.on(await stage.match('open'), 'home')], { freeBetId });
}
