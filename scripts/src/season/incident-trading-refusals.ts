// Every code that a trader's command can be refused with, each brought about once. Called by incident-refusals.ts.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Answer } from './api.ts';
import type { Refusal } from './incident.ts';
import { selectionsAt, stageOdds, type Stage } from './stage.ts';

const terms = { sport: 'football', competition: 'incidents', home: 'Home', away: 'Other', startsAt: '2030-01-01T15:00:00.000Z' };
const results = [
  { selectionId: 'home', result: 'won' },
  { selectionId: 'draw', result: 'lost' },
  { selectionId: 'away', result: 'lost' },
];
/** A market has no more corrected prices than this. */
const priceErrorsMax = 100;
const marketOn = (fixtureId: string) => ({ fixtureId, kind: 'match-result', selections: selectionsAt(stageOdds) });

export const tradingRefusals: readonly Refusal[] = [
  { code: 'FIXTURE_NOT_FOUND', bring: (stage) => post(stage, 'fixtures/incident.nowhere/start', {}) },
  { code: 'FIXTURE_EXISTS', bring: async (stage) => put(stage, `fixtures/${await stage.fixture('exists')}`, terms) },
  {
    code: 'FIXTURE_NOT_STARTED',
    bring: async (stage) => post(stage, `fixtures/${await stage.fixture('not-started')}/end`, { score: null }),
  },
  {
    code: 'FIXTURE_STARTED',
    async bring(stage) {
      const fixture = await stage.fixture('started');
      await stage.trader.fixture(fixture, 'start', {});
      return put(stage, 'markets/incident.after-start', marketOn(fixture));
    },
  },
  {
    code: 'FIXTURE_ENDED',
    async bring(stage) {
      const fixture = await stage.fixture('ended');
      await stage.trader.fixture(fixture, 'start', {});
      await stage.trader.fixture(fixture, 'end', { score: { home: 0, away: 0 } });
      return post(stage, `fixtures/${fixture}/start`, {});
    },
  },
  {
    code: 'FIXTURE_ABANDONED',
    async bring(stage) {
      const fixture = await stage.fixture('abandoned-unstarted');
      await stage.trader.fixture(fixture, 'abandon', { reason: 'weather' });
      return post(stage, `fixtures/${fixture}/start`, {});
    },
  },
  { code: 'MARKET_NOT_FOUND', bring: (stage) => post(stage, 'markets/incident.nowhere/suspend', { reason: 'goal' }) },
  {
    code: 'MARKET_EXISTS',
    async bring(stage) {
      const market = await stage.match('market-exists');
      return put(stage, `markets/${market}`, marketOn(await stage.fixture('market-exists-other')));
    },
  },
  { code: 'MARKET_NOT_CLOSED', bring: async (stage) => post(stage, `markets/${await stage.match('not-closed')}/result`, { results }) },
  {
    code: 'MARKET_NOT_RESULTED',
    bring: async (stage) => post(stage, `markets/${await stage.match('no-result')}/correction`, { results, reason: 'error' }),
  },
  {
    code: 'MARKET_RESULTED',
    async bring(stage) {
      const market = await stage.match('resulted');
      await stage.decide(market, 'home');
      return post(stage, `markets/${market}/suspend`, { reason: 'goal' });
    },
  },
  {
    code: 'MARKET_VOIDED',
    async bring(stage) {
      const market = await stage.match('voided-before');
      await stage.trader.command(market, 'void', { reason: 'wrong-price' });
      stage.decided(market);
      return post(stage, `markets/${market}/suspend`, { reason: 'goal' });
    },
  },
  {
    code: 'PRICE_ERRORS_OVER_LIMIT',
    async bring(stage) {
      const market = await stage.match('price-errors');
      const error = { selectionId: 'home', odds: '2', reason: 'typing' };
      for (let number = 1; number <= priceErrorsMax; number += 1) {
        await stage.trader.decide('PUT', `/v1/markets/${market}/price-errors/error-${number}`, error);
      }
      return put(stage, `markets/${market}/price-errors/one-more`, error);
    },
  },
  {
    code: 'RESULT_INCOMPLETE',
    async bring(stage) {
      const market = await stage.match('incomplete');
      await stage.trader.command(market, 'close', { reason: 'full-time' });
      return post(stage, `markets/${market}/result`, { results: results.slice(0, 1) });
    },
  },
];

function post(stage: Stage, path: string, body: JsonObject): Promise<Answer> {
  return stage.trading.call('POST', `/v1/${path}`, { body });
}

function put(stage: Stage, path: string, body: JsonObject): Promise<Answer> {
  return stage.trading.call('PUT', `/v1/${path}`, { body });
}
