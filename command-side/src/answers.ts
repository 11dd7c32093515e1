// From a route's context to a command, and from what the handler says back to an answer. Shared by every routes.ts of this side.

import { etagOf, type Answer, type RouteContext } from '@wagerline/infra/http';
import type { Actor, CommandContext } from '@wagerline/shared-kernel/events/metadata';
import { ProblemException, problems, type ProblemCode } from '@wagerline/shared-kernel/problems';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { Handled } from './command-handler.ts';

/** A command that came over HTTP has no cause but itself. */
export function commandContextOf(context: RouteContext, commandId: string): CommandContext {
  const { correlationId, traceparent } = context;
  return { commandId, causationId: commandId, correlationId, traceparent, actor: actorOf(context) };
}

export function actorOf({ principal }: RouteContext): Actor {
  return { role: principal.roles[0] ?? 'system', id: principal.sub };
}

/** A refusal as the client sees it: `pointer` becomes an error at that place, everything else an extension. */
export function refusalProblem(code: ProblemCode, detail: JsonObject, extensions: JsonObject = {}): ProblemException {
  const { pointer, ...rest } = detail;
  const errors = typeof pointer === 'string' ? [{ code, pointer, detail: problems[code].title }] : [];
  return new ProblemException(code, { extensions: { ...extensions, ...rest }, errors });
}

/** The answer to a command that only says where its effect can be seen. @throws ProblemException when it was refused */
export function revisionAnswer<Event>(handled: Handled<Event>, body: JsonObject): Answer {
  if (handled.refusal !== undefined) throw refusalProblem(handled.refusal.code, handled.refusal.detail);
  const { stream, revision } = handled;
  return { status: 200, body: { ...body, revision }, headers: { ETag: etagOf({ stream, revision }) } };
}
