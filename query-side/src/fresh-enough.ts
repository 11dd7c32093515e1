// Read your own writes: a query that names `Wagerline-Min-Revision: {stream}@{revision}` waits, bounded, for its read model's watermark.
// Called by every query. The watermark is read before the documents; a parked stream is refused at once, as waiting would not help.

import { headerInvalid, minRevisionOf, type RouteContext, type StreamRevision } from '@wagerline/infra/http';
import type { ModelGeneration } from '@wagerline/shared-kernel/ports/read-model-store';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import type { ReadModel } from '@wagerline/shared-kernel/read-models/read-model';

import { LiveGeneration } from './live-generation.ts';
import type { QueryDeps, QueryStore } from './query-deps.ts';
import { Waiters } from './waiters.ts';

/** A wait ends at most once early, when a swap brings a generation that is a little behind. */
const turnsMax = 3;

type Lag = { readonly visible: number; readonly parked: boolean };

/**
 * What the reader has written and wants to see. `mayAsk` keeps the stream to those that this answer is about: a revision of
 * somebody else's account is none of the reader's business. `expected` describes such a stream.
 */
export function askedOf(
  request: RouteContext['request'],
  mayAsk: (stream: string) => boolean,
  expected: string,
): StreamRevision | undefined {
  const asked = minRevisionOf(request);
  if (asked !== undefined && !mayAsk(asked.stream)) throw headerInvalid('Wagerline-Min-Revision', `${expected}@{revision}`);
  return asked;
}

export class FreshReads {
  private readonly store: QueryStore;
  private readonly live: LiveGeneration;
  private readonly waiters: Waiters;
  private readonly waitMsMax: number;

  constructor(deps: Pick<QueryDeps, 'store' | 'logger' | 'http' | 'delay'>) {
    this.store = deps.store;
    this.live = new LiveGeneration(deps.store, deps.logger);
    this.waiters = new Waiters(deps.delay);
    this.waitMsMax = deps.http.freshReadWaitMsMax;
  }

  /** `read` sees at least the asked revision of the asked stream; else 503 READ_MODEL_BEHIND or READ_MODEL_PARKED. */
  async read<T>(model: ReadModel, asked: StreamRevision | undefined, read: (target: ModelGeneration) => Promise<T>): Promise<T> {
    if (asked === undefined) return this.live.read(model.name, read);
    let leftMs = this.waitMsMax;
    let visible = -1;
    for (let turn = 0; turn < turnsMax; turn += 1) {
      const seen = await this.live.read(model.name, async (target) => {
        const lag = await this.lagOf(target, asked);
        return lag.visible >= asked.revision ? { value: await read(target) } : { lag };
      });
      if ('value' in seen) return seen.value;
      visible = seen.lag.visible;
      if (seen.lag.parked) throw notVisible('READ_MODEL_PARKED', asked, visible);
      if (leftMs <= 0) break;
      leftMs = await this.waiters.wait(`${model.name} ${asked.stream}`, asked.revision, leftMs, () => this.reach(model, asked.stream));
    }
    throw notVisible('READ_MODEL_BEHIND', asked, visible);
  }

  private async lagOf(target: ModelGeneration, asked: StreamRevision): Promise<Lag> {
    const [watermark] = await this.store.watermarks(target, [asked.stream]);
    const visible = watermark?.revision ?? -1;
    if (visible >= asked.revision) return { visible, parked: false };
    const parked = await this.store.parked(target);
    return { visible, parked: parked.some((key) => key.stream === asked.stream) };
  }

  /** How far this stream is visible; without end when waiting on is of no use, so that every reader looks for himself. */
  private async reach(model: ReadModel, stream: string): Promise<number> {
    const lag = await this.live.read(model.name, (target) => this.lagOf(target, { stream, revision: Number.MAX_SAFE_INTEGER }));
    return lag.parked ? Number.MAX_SAFE_INTEGER : lag.visible;
  }
}

function notVisible(code: 'READ_MODEL_BEHIND' | 'READ_MODEL_PARKED', asked: StreamRevision, visible: number): ProblemException {
  const extensions = { stream: asked.stream, asked: asked.revision, visible: visible < 0 ? null : visible };
  return new ProblemException(code, { extensions, retryAfterSeconds: 1 });
}
