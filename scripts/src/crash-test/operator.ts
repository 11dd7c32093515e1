// What a crash test asks of the server as its operator: has everything had its effects, is the ledger right, do read models equal
// their rebuild. Called by crash-run.ts over HTTP, like any operator's tool.

import { setTimeout as delay } from 'node:timers/promises';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';
import type { Findings } from './facts.ts';
import { UnexpectedAnswer, type Line } from './line.ts';

const reactor = z.object({ position: z.int(), parkedCount: z.int() });
const settlement = z.object({ settledThrough: z.int(), parkedCount: z.int() });
const model = z.object({ model: z.string(), lag: z.int(), parkedCount: z.int(), gapsFilled: z.int() });
const status = z.object({
  head: z.int(),
  projections: z.object({ relay: z.object({ publishedThrough: z.int() }), models: z.array(model) }),
  settlement: z.object({ reactor, settlement }),
});
type Status = z.infer<typeof status>;
const ledger = z.object({ ok: z.boolean(), events: z.int(), findings: z.array(z.json()) });
const hash = z.object({ sha256: z.string(), documentCount: z.int() });
const job = z.object({ state: z.enum(['running', 'done', 'failed']), result: z.json().optional(), error: z.string().optional() });

const pollMs = 50;
const jobWaitMsMax = 300_000;

export class Operator {
  readonly #line: Line;
  readonly #token: string;
  readonly #findings: Findings;

  constructor(line: Line, token: string, findings: Findings) {
    this.#line = line;
    this.#token = token;
    this.#findings = findings;
  }

  /** Settled, published and projected: everything up to the head of now, and what settlement appends to it. */
  async awaitEffects(waitMsMax: number): Promise<void> {
    const { head } = await this.#status();
    let now = await this.#status();
    const untilMs = performance.now() + waitMsMax;
    while (!isThrough(now, head)) {
      const shown = JSON.stringify(now);
      if (performance.now() > untilMs) return this.#findings.add('not-settled', `after ${waitMsMax} ms not through ${head}: ${shown}`);
      await delay(pollMs);
      now = await this.#status();
    }
    const { projections, settlement } = now;
    const parts = [settlement.reactor, settlement.settlement, ...projections.models];
    if (parts.some(({ parkedCount }) => parkedCount > 0)) this.#findings.add('not-settled', `something is parked: ${JSON.stringify(now)}`);
  }

  /** `eventsBefore`: how many the log had before every key was sent again. */
  async verifyLedger(eventsBefore: number): Promise<void> {
    const { ok, events, findings } = ledger.parse(await this.#job({ kind: 'ledger-verify' }));
    if (!ok) for (const finding of findings) this.#findings.add('ledger', JSON.stringify(finding));
    const written = events - eventsBefore;
    if (written !== 0) this.#findings.add('duplicate', `${written} events were written by requests that were answered before`);
  }

  /** Answers how many documents each model has. */
  async compareWithRebuild(): Promise<Readonly<Record<string, number>>> {
    const documents: Record<string, number> = {};
    for (const { name } of readModels) {
      const live = hash.parse(await this.#job({ kind: 'hash-live', model: name }));
      const rebuilt = hash.parse(await this.#job({ kind: 'hash', model: name, position: null }));
      documents[name] = rebuilt.documentCount;
      if (live.sha256 === rebuilt.sha256) continue;
      this.#findings.add('read-model-differs', `${name}: live ${JSON.stringify(live)}, rebuilt ${JSON.stringify(rebuilt)}`);
    }
    return documents;
  }

  async #status(): Promise<Status> {
    return status.parse(await this.#call('GET', '/admin/status'));
  }

  async #job(asked: JsonObject): Promise<unknown> {
    const { jobId } = z.object({ jobId: z.string() }).parse(await this.#call('POST', '/admin/jobs', asked));
    for (let waitedMs = 0; waitedMs < jobWaitMsMax; waitedMs += pollMs) {
      const { state, result, error } = job.parse(await this.#call('GET', `/admin/jobs/${jobId}`));
      if (state === 'done') return result;
      if (state === 'failed') throw new Error(`job ${JSON.stringify(asked)} failed: ${error}`);
      await delay(pollMs);
    }
    throw new Error(`job ${JSON.stringify(asked)} did not end in ${jobWaitMsMax} ms`);
  }

  async #call(method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<unknown> {
    const answer = await this.#line.ask({ method, path, token: this.#token, ...(body !== undefined && { text: JSON.stringify(body) }) });
    if (answer.status >= 300) throw new UnexpectedAnswer({ method, path }, answer);
    return JSON.parse(answer.text);
  }
}

function isThrough({ head, projections, settlement }: Status, position: number): boolean {
  const isSettled = settlement.reactor.position >= position && settlement.settlement.settledThrough >= position;
  return isSettled && projections.relay.publishedThrough >= head && projections.models.every(({ lag }) => lag === 0);
}
