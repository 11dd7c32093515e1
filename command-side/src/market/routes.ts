// Markets over HTTP, for traders and feeds. The answer's `version` is what a slip may name as `marketVersion`.

import { parseBody, parseParams, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { isLineOf, selectionsOf } from '@wagerline/shared-kernel/betting/market-kinds';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { isFixtureEvent } from '@wagerline/shared-kernel/events/fixture-events';
import { displayName, legResult, line, marketKind, slug, stakeMinor } from '@wagerline/shared-kernel/events/schema';
import type { Ids } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore } from '@wagerline/shared-kernel/ports/event-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { fixtureStream } from '@wagerline/shared-kernel/values/ids';
import { parseDecimalOdds } from '@wagerline/shared-kernel/values/odds';
import { formatRational } from '@wagerline/shared-kernel/values/rational';
import { z } from 'zod';
import { actorOf, commandContextOf, revisionAnswer } from '../answers.ts';
import { evolve, initial, type FixtureState } from '../fixture/state.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { MarketCommand } from './commands.ts';

/** Decimal odds as text in, "a/b" out. */
export const decimalOdds = z.string().transform((text, check) => {
  const odds = parseDecimalOdds(text);
  if (odds !== undefined) return formatRational(odds);
  check.addIssue({ code: 'custom', message: 'decimal odds above 1 with at most four decimals', params: { code: 'ODDS_INVALID' } });
  return z.NEVER;
});

const path = z.strictObject({ marketId: slug });
const prices = z.array(z.strictObject({ selectionId: slug, odds: decimalOdds })).min(1).max(200);
const results = z.array(z.strictObject({ selectionId: slug, result: legResult })).min(1).max(200);
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
  .refine((market) => sameMembers(selectionsOf(market.kind), market.selections.map((item) => item.selectionId)), {
    path: ['selections'],
    message: 'exactly the selections of this kind of market',
  });
const change = z.strictObject({ prices });
const reason = z.strictObject({ reason: slug });
const nothing = z.strictObject({});
const result = z.strictObject({ results });
const correction = z.strictObject({ results, reason: slug });

export function marketRoutes(handlers: CommandHandlers, eventStore: EventStore, ids: Ids): readonly Route[] {
  async function handle(context: RouteContext, command: (marketId: string, at: string) => MarketCommand): Promise<Answer> {
    const { marketId } = parseParams(path, context.params);
    const handled = await handlers.market.handle(marketId, (at) => command(marketId, at), commandContextOf(context, ids.random()));
    const answer = revisionAnswer(handled, { marketId, version: handled.revision });
    // A second person has to approve.
    return handled.answer?.event.type === 'MarketVoidRequested' ? { ...answer, status: 202 } : answer;
  }
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
      return handle(context, (_, at) => ({ type: 'ResultMarket', ...body, at }));
    }),
    route('POST', '/correction', (context) => {
      const body = parseBody(correction, context.json);
      return handle(context, (_, at) => ({ type: 'CorrectResult', ...body, at }));
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
      return handle(context, (_, at) => ({ type: 'VoidMarket', ...body, by: actorOf(context), at }));
    }),
    {
      ...route('POST', '/void/approve', (context) => {
        parseBody(nothing, context.json);
        return handle(context, (_, at) => ({ type: 'ApproveMarketVoid', by: actorOf(context), at }));
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

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((member) => b.includes(member));
}
