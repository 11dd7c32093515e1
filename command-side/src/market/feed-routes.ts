// POST /v1/feed: messages of the results feed, as a producer sends or replays them. Each is kept by its market or refused by itself, so that one
// that is wrong holds up no other. Sending any of them again, in any order, changes nothing. What they say of their producers is kept beside.

import { parseBody, type Answer, type Route, type RouteContext } from '@wagerline/infra/http';
import { identityOf, type FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { feedMessageOf, feedSchema, producerSignals } from '@wagerline/shared-kernel/betting/results/feed-schema';
import { slug } from '@wagerline/shared-kernel/events/schema';
import { problems, type ProblemCode } from '@wagerline/shared-kernel/problems';
import { commandIdOf, sha256Hex } from '@wagerline/shared-kernel/values/ids';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
import { commandContextOf } from '../answers.ts';
import type { CommandHandlers } from '../handlers.ts';
import type { Heard, Producers } from './producers.ts';

const batchMax = 200;
/** Different messages about one market; a producer that says more than that about one is not to be believed. */
const messagesMax = 1_000;
const message = z.discriminatedUnion('type', [...feedSchema.options, ...producerSignals]);
const body = z.strictObject({ messages: z.array(message).min(1).max(batchMax) });
type Said = z.infer<typeof message>;

export function feedRoute(handlers: Pick<CommandHandlers, 'market'>, producers: Pick<Producers, 'hear'>): Route {
  async function receive(context: RouteContext): Promise<Answer> {
    const { messages } = parseBody(body, context.json);
    const answers: JsonObject[] = [];
    // One after another: the answers stand in the order of the messages, and a long replay does not crowd out traders.
    for (const said of messages) answers.push(isSignal(said) ? { type: said.type, product: said.product } : await keep(context, feedMessageOf(said)));
    // After they are kept: whoever reads that a recovery is complete finds what it brought.
    await producers.hear(messages.map(heardIn));
    return { status: 200, body: { messages: answers } };
  }

  async function keep(context: RouteContext, message: FeedMessage): Promise<JsonObject> {
    const messageId = sha256Hex(identityOf(message));
    const { market } = message;
    if (!slug.safeParse(market).success) return refused(messageId, 'MARKET_NOT_FOUND', {});
    const commandId = commandIdOf('feed', market, messageId);
    const handled = await handlers.market.handle(
      market,
      (at) => ({ type: 'ReceiveFeed', messageId, message, messagesMax, at }),
      commandContextOf(context, commandId),
    );
    if (handled.refusal !== undefined) return refused(messageId, handled.refusal.code, handled.refusal.detail);
    const event = handled.answer?.event;
    const standing = event?.type === 'MarketFeedReceived' ? event.standing : null;
    // `held`: somebody has to look, because what the feed says contradicts itself.
    return { messageId, version: handled.revision, known: event === undefined, changed: standing !== null, held: standing?.held ?? false };
  }

  return { method: 'POST', path: '/v1/feed', roles: ['feed', 'trader', 'admin'], body: 'json', handler: receive };
}

function refused(messageId: string, code: ProblemCode, detail: JsonObject): JsonObject {
  return { ...detail, messageId, code, title: problems[code].title };
}

function isSignal(said: Said): said is Extract<Said, { type: 'alive' | 'snapshot-complete' }> {
  return said.type === 'alive' || said.type === 'snapshot-complete';
}

function heardIn(said: Said): Heard {
  const { product, timestamp } = said;
  const requestId = 'requestId' in said && said.requestId !== undefined && { requestId: String(said.requestId) };
  return {
    product,
    timestampMs: timestamp,
    ...requestId,
    ...(said.type === 'alive' && { isSending: said.subscribed === 1 }),
    ...(said.type === 'snapshot-complete' && { isComplete: true }),
  };
}
