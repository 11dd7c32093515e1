// Markets over HTTP, for traders and feeds. The answer's `version` is what a slip may name as `marketVersion`.

import { parseBody, parseParams, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { startingPrice } from '@wagerline/shared-kernel/betting/legs';
import { isLineOf, selectionsOf } from '@wagerline/shared-kernel/betting/market-kinds';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { isFixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import { displayName, legResult, line, marketKind, rule4, slug, stakeMinor } from '@wagerline/shared-kernel/events/schema';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { fixtureStream } from '@wagerline/shared-kernel/values/ids';
import { parseDecimalOdds } from '@wagerline/shared-kernel/values/odds';
import { compare, formatRational, one, parseRational } from '@wagerline/shared-kernel/values/rational';
import { z } from 'zod';
import { actorOf, commandContextOf, revisionAnswer } from '../answers.ts';
import { evolve, initial, type FixtureState } from '../fixture/state.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { DecideByHand } from './by-hand-routes.ts';
import type { MarketCommand } from './commands.ts';

/** Decimal odds as text in, "a/b" out. */
export const decimalOdds = z.string().transform(storedOdds);
/** The same, or the starting price. */
export const slipOdds = z.string().transform((text, check) => (text === startingPrice ? text : storedOdds(text, check)));

function storedOdds(text: string, check: z.RefinementCtx): string {
  const odds = parseDecimalOdds(text);
  if (odds !== undefined) return formatRational(odds);
  check.addIssue({ code: 'custom', message: 'decimal odds above 1 with at most four decimals', params: { code: 'ODDS_INVALID' } });
  return z.NEVER;
}

const path = z.strictObject({ marketId: slug });
const prices = z.array(z.strictObject({ selectionId: slug, odds: decimalOdds })).min(1).max(200);
/** A share of a stake or of odds, as "1/5" or "0.2"; stored as "a/b". */
const share = z.string().max(20).transform((text, check) => {
  const value = parseRational(text);
  if (value !== undefined && value.n > 0n && compare(value, one) <= 0) return formatRational(value);
  check.addIssue({ code: 'custom', message: 'a share above 0 and at most 1' });
  return z.NEVER;
});
const place = z.int().min(1).max(200);
/** What a selection has come to; or the place in which it came in, the best of those that the `tied` share. */
const givenResult = z.union([
  z.strictObject({ selectionId: slug, position: place, tied: place.default(1) }),
  z.strictObject({
    selectionId: slug,
    result: legResult,
    placeResult: legResult.exactOptional(),
    winDeadHeat: share.exactOptional(),
    placeDeadHeat: share.exactOptional(),
  }),
]);
const results = z.array(givenResult).min(1).max(200);
const placeTerms = z.strictObject({ places: place, fraction: share });
const antePost = z.strictObject({ antePost: z.boolean() });
const withdrawal = z.strictObject({
  selectionId: slug,
  odds: decimalOdds.exactOptional(),
  result: z.enum(['void', 'lost']).default('void'),
  rule4Percent: rule4.exactOptional(),
  reason: slug,
});
const startingPrices = z.strictObject({
  prices: z.array(z.strictObject({ selectionId: slug, odds: decimalOdds, rule4Percent: rule4.default(0) })).min(1).max(200),
});
const terms = z
  .strictObject({
    fixtureId: slug,
    kind: marketKind,
    line: line.nullable().default(null),
    inPlay: z.boolean().default(false),
    selections: z.array(z.strictObject({ selectionId: slug, name: displayName, odds: decimalOdds })).min(2).max(200),
    stakeMaxPerBetMinor: stakeMinor.nullable().default(null),
    stakeMaxPerAccountMinor: stakeMinor.nullable().default(null),
  })
  .refine((market) => isLineOf(market.kind, market.line), { path: ['line'], message: 'a line that this kind of market takes' })
  .refine((market) => isSelectionsOf(selectionsOf(market.kind), market.selections.map((item) => item.selectionId)), {
    path: ['selections'],
    message: 'exactly the selections of this kind of market, each once',
  });
const change = z.strictObject({ prices });
const reason = z.strictObject({ reason: slug });
const nothing = z.strictObject({});
const result = z.strictObject({ results });
const correction = z.strictObject({ results, reason: slug });

export function marketRoutes(handlers: CommandHandlers, eventStore: EventStore, ids: Ids, decide: DecideByHand): readonly Route[] {
  async function handle(context: RouteContext, command: (marketId: string, at: string) => MarketCommand): Promise<Answer> {
    const { marketId } = parseParams(path, context.params);
    const handled = await handlers.market.handle(marketId, (at) => command(marketId, at), commandContextOf(context, ids.random()));
    return revisionAnswer(handled, { marketId, version: handled.revision });
  }
  const byHand = (context: RouteContext, command: Parameters<DecideByHand>[2]): Promise<Answer> => {
    return decide(context, parseParams(path, context.params).marketId, command);
  };
  const route = (method: 'PUT' | 'POST', at: string, handler: Route['handler']): Route => {
    return { method, path: `/v1/markets/:marketId${at}`, roles: ['trader', 'admin'], body: 'json', handler };
  };
  return [
    route('POST', '/prices', (context) => {
      const body = parseBody(change, context.json);
      return handle(context, (_, at) => ({ type: 'ChangePrices', prices: body.prices, at }));
    }),
    route('PUT', '', async (context) => {
      const body = parseBody(terms, context.json);
      const fixture = await readFixture(eventStore, body.fixtureId);
      if (fixture.status === 'absent') throw new ProblemException('FIXTURE_NOT_FOUND', { errors: [{ pointer: '/fixtureId', detail: 'no such fixture' }] });
      if (fixture.status === 'ended') throw new ProblemException('FIXTURE_ENDED');
      if (fixture.status === 'abandoned') throw new ProblemException('FIXTURE_ABANDONED');
      if (fixture.status === 'started' && !body.inPlay) throw new ProblemException('FIXTURE_STARTED');
      return handle(context, (marketId, at) => ({ type: 'OpenMarket', marketId, ...body, at }));
    }),
    route('POST', '/suspend', (context) => {
      const body = parseBody(reason, context.json);
      return handle(context, (_, at) => ({ type: 'SuspendMarket', ...body, at }));
    }),
    route('POST', '/resume', (context) => {
      parseBody(nothing, context.json);
      return handle(context, (_, at) => ({ type: 'ResumeMarket', at }));
    }),
    route('POST', '/close', (context) => {
      const body = parseBody(reason, context.json);
      return handle(context, (_, at) => ({ type: 'CloseMarket', ...body, at }));
    }),
    route('POST', '/result', (context) => {
      const body = parseBody(result, context.json);
      return byHand(context, (by, at) => ({ type: 'ResultMarket', ...body, byHand: by, at }));
    }),
    route('POST', '/correction', (context) => {
      const body = parseBody(correction, context.json);
      return byHand(context, (by, at) => ({ type: 'CorrectResult', ...body, byHand: by, at }));
    }),
    route('POST', '/place-terms', (context) => {
      const body = parseBody(placeTerms, context.json);
      return handle(context, (_, at) => ({ type: 'SetPlaceTerms', ...body, at }));
    }),
    route('POST', '/ante-post', (context) => {
      const body = parseBody(antePost, context.json);
      return handle(context, (_, at) => ({ type: 'SetAntePost', ...body, at }));
    }),
    route('POST', '/withdrawals', (context) => {
      const body = parseBody(withdrawal, context.json);
      return byHand(context, (by, at) => ({ type: 'WithdrawSelection', ...body, byHand: by, at }));
    }),
    route('POST', '/starting-prices', (context) => {
      const body = parseBody(startingPrices, context.json);
      return byHand(context, (by, at) => ({ type: 'SetStartingPrices', ...body, byHand: by, at }));
    }),
    route('POST', '/settlement/hold', (context) => {
      const body = parseBody(reason, context.json);
      return handle(context, (_, at) => ({ type: 'HoldSettlement', ...body, at }));
    }),
    route('POST', '/settlement/resume', (context) => {
      parseBody(nothing, context.json);
      return handle(context, (_, at) => ({ type: 'ResumeSettlement', at }));
    }),
    route('POST', '/void', (context) => {
      const body = parseBody(reason, context.json);
      return byHand(context, (by, at) => ({ type: 'VoidMarket', ...body, byHand: by, at }));
    }),
    {
      ...route('POST', '/void/approve', (context) => {
        parseBody(nothing, context.json);
        return handle(context, (_, at) => ({ type: 'ApproveMarketVoid', by: actorOf(context), at }));
      }),
      roles: ['settler', 'admin'],
    },
    {
      ...route('POST', '/void/decline', (context) => {
        const body = parseBody(reason, context.json);
        return handle(context, (_, at) => ({ type: 'DeclineMarketVoid', ...body, by: actorOf(context), at }));
      }),
      roles: ['settler', 'admin'],
    },
    route('POST', '/release', (context) => {
      const body = parseBody(reason, context.json);
      return handle(context, (_, at) => ({ type: 'ReleaseMarket', ...body, at }));
    }),
  ];
}

/** From the log, not from the view: a trader who has just scheduled the fixture opens its markets at once. */
async function readFixture(eventStore: EventStore, fixtureId: string): Promise<FixtureState> {
  let state = initial;
  for (const recorded of await eventStore.readStream(fixtureStream(fixtureId))) {
    const event = decode(recorded);
    if (isFixtureEvent(event)) state = evolve(state, event);
  }
  return state;
}

/** `own` undefined: the market names them. */
function isSelectionsOf(own: readonly string[] | undefined, given: readonly string[]): boolean {
  const selections = new Set(given);
  return selections.size === given.length && (own === undefined || (own.length === given.length && own.every((member) => selections.has(member))));
}
