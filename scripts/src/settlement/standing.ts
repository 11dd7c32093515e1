// What is in force after everything in a log: of each bet its effective settlement, of each account its money. Called by replay.ts, which compares
// two logs by it. How often a bet was settled and taken back on the way is not part of it.

import { vectorText } from '@wagerline/shared-kernel/betting/leg-vector';
import { resultTypes } from '@wagerline/shared-kernel/betting/result-after';
import { isAccountEvent, placeOf, type JudgedLeg } from '@wagerline/shared-kernel/events/account-events';
import { decode } from '@wagerline/shared-kernel/events/codec';
import { postings } from '@wagerline/shared-kernel/events/postings';
import type { EventStore, RecordedEvent } from '@wagerline/shared-kernel/ports/event-store';
import { domainPrefixes } from '@wagerline/shared-kernel/values/ids';
import { z } from 'zod';

export type StandingBet = {
  readonly accountId: string;
  readonly marketIds: readonly string[];
  /** State, exact and rounded return, rule set, and what was judged of each leg: equal texts are equal settlements. */
  readonly inForce: string;
  readonly verdicts: readonly Pick<JudgedLeg, 'result' | 'resultRevision' | 'late' | 'voidFactor' | 'winDeadHeat' | 'movedTo'>[];
};

const resultTypeSet: ReadonlySet<string> = new Set(resultTypes);
const settlementActor = z.looseObject({ role: z.literal('system'), id: z.literal('settlement') });
const batchEvents = 2_000;

export function isBySettlement({ metadata: { actor } }: RecordedEvent): boolean {
  return settlementActor.safeParse(actor).success;
}

export function isResult({ type }: RecordedEvent): boolean {
  return resultTypeSet.has(type);
}

export class Standing {
  readonly bets = new Map<string, StandingBet>();
  /** What each ledger account of a bettor holds, in minor units. */
  readonly balances = new Map<string, number>();
  /** What changed after the position up to which the other log was copied: it cannot be compared. */
  readonly newerMarkets = new Set<string>();
  readonly newerAccounts = new Set<string>();
  readonly #comparedThrough: number;

  constructor(comparedThrough: number) {
    this.#comparedThrough = comparedThrough;
  }

  async readAll(eventStore: Pick<EventStore, 'readAll'>, to: number): Promise<void> {
    for (let position = 0; position < to; ) {
      const batch = await eventStore.readAll(position, { prefixes: domainPrefixes }, batchEvents);
      for (const recorded of batch.events) if (recorded.position <= to) this.#read(recorded);
      position = batch.position;
      if (batch.caughtUp) break;
    }
  }

  #read(recorded: RecordedEvent): void {
    const event = decode(recorded);
    for (const { account, amountMinor } of postings(event)) {
      if (account.startsWith('bettor:')) this.balances.set(account, (this.balances.get(account) ?? 0) + amountMinor);
    }
    if (recorded.position > this.#comparedThrough && !isBySettlement(recorded)) {
      if (isResult(recorded) && 'marketId' in event) this.newerMarkets.add(event.marketId);
      if (isAccountEvent(event)) this.newerAccounts.add(event.accountId);
    }
    if (!isAccountEvent(event) || !('betId' in event) || !('legs' in event) || event.type === 'BetRefused') return;
    const { accountId, betId } = event;
    const marketIds = event.legs.flatMap((leg) => [leg.marketId, placeOf(leg).marketId]);
    if (event.type === 'BetPlaced') {
      this.bets.set(betId, { accountId, marketIds, inForce: 'open', verdicts: [] });
      return;
    }
    const verdicts = event.legs.map(({ result, resultRevision, late, voidFactor, winDeadHeat, movedTo }) => {
      const shares = { ...(voidFactor !== undefined && { voidFactor }), ...(winDeadHeat !== undefined && { winDeadHeat }) };
      return { result, resultRevision, late, ...shares, ...(movedTo !== undefined && { movedTo }) };
    });
    const said = event.legs.map((leg) => {
      const { result, late, corrected, movedTo } = leg;
      const place = movedTo === undefined ? '' : ` in ${movedTo.marketId}`;
      return `${result}@${vectorText([leg])}${place}${late ? ' late' : ''}${corrected === undefined ? '' : ` at ${corrected.odds}`}`;
    }).join(',');
    const isPaid = event.type === 'BetSettled' || event.type === 'BetResultConfirmed';
    const places = event.legs.map(({ movedTo }, leg) => (movedTo === undefined ? '' : ` ${leg} in ${movedTo.marketId}`)).join('');
    const unpaid = event.type === 'BetVoided' ? 'voided by hand' : `open${places}`;
    const inForce = isPaid ? `${event.state} ${event.returnExact} ${event.returnMinor} ${event.ruleSet} [${said}]` : unpaid;
    this.bets.set(betId, { accountId, marketIds, inForce, verdicts });
  }
}
