// What the clients of a crash test know: what they asked for, what they were answered, and how the markets ended. Plain data, filled
// by the load and the trader, read by the audits: everything acknowledged has to be found again, and nothing else.

import type { JsonObject } from '@wagerline/shared-kernel/values/json';

export const currency = 'GBP';

/** The same for every market: products of two have at most two binary places, so that stakes of whole 4.00 return whole amounts. */
export const oddsOf = { home: '2.5', draw: '4', away: '1.5' } as const;
export type Selection = keyof typeof oddsOf;
export const selections: readonly Selection[] = ['home', 'draw', 'away'];

export type Leg = { readonly marketId: string; readonly selectionId: Selection };
export type Intent =
  | { readonly kind: 'bet'; readonly stakeMinor: number; readonly legs: readonly Leg[] }
  | { readonly kind: 'deposit' | 'withdrawal'; readonly amountMinor: number };

export type Asked = {
  readonly accountId: string;
  readonly key: string;
  /** As the events name the key. */
  readonly keyHash: string;
  readonly path: string;
  readonly text: string;
  readonly intent: Intent;
};

/** `accepted`: 201; otherwise a refusal of the domain, which is remembered for ever too. `answer` is its text exactly as received. */
export type Fact = Asked & { readonly accepted: boolean; readonly status: number; readonly answer: string; readonly body: JsonObject };

/** How a market ended, as acknowledged: the winner, or nobody when it was voided. */
export type Ending = Selection | 'void';

export type FindingKind =
  | 'lost'
  | 'duplicate'
  | 'unasked'
  | 'changed-answer'
  | 'query-differs'
  | 'balance-differs'
  | 'unexpected-answer'
  | 'ledger'
  | 'read-model-differs'
  | 'not-settled'
  | 'not-recovered'
  | 'early-reset'
  | 'not-audited';

export class Findings {
  readonly #counts = new Map<FindingKind, number>();
  readonly details: { readonly kind: FindingKind; readonly detail: string }[] = [];

  add(kind: FindingKind, detail: string): void {
    this.#counts.set(kind, this.count(kind) + 1);
    if (this.count(kind) <= detailsPerKindMax) this.details.push({ kind, detail });
  }

  count(kind: FindingKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  get counts(): Partial<Record<FindingKind, number>> {
    return Object.fromEntries(this.#counts);
  }

  get none(): boolean {
    return this.#counts.size === 0;
  }
}

const detailsPerKindMax = 5;
