// One bettor's account while a log is preloaded: commands go through the real decider, its events wait here and leave in batches.
// Called by preload.ts.

import { accountDecider } from '@wagerline/command-side/account';
import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { BetShape } from '@wagerline/shared-kernel/events/bet-shape';
import { encode } from '@wagerline/shared-kernel/events/codec';
import type { NewEvent } from '@wagerline/shared-kernel/ports/event-store';
import { defaultRuleSet } from '@wagerline/shared-kernel/betting/rule-sets';
import { accountStream, betIdOf, sha256Hex } from '@wagerline/shared-kernel/values/ids';
import { formatRational } from '@wagerline/shared-kernel/values/rational';
import { parseDecimalOdds } from '@wagerline/shared-kernel/values/odds';
import { assert } from '@wagerline/shared-kernel/values/unreachable';
import type { BookFixture } from './book.ts';
import type { PreloadLog } from './preload-log.ts';

type Command = Parameters<typeof accountDecider.decide>[0];
type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;
export type SlipLeg = CommandOf<'PlaceBet'>['legs'][number];
export type LegVerdict = CommandOf<'SettleBet'>['legs'][number];
export type PlacedBet = AccountEventOf<'BetPlaced'>;

export const currency = 'GBP';
/** Below the store's limit of 1 MiB per append by far. */
const batchEventsMax = 200;
const limits = { openBetsMax: 1_000, stakeMinorMax: 10_000_000, returnMinorMax: 100_000_000, linesMax: 10_000 };
const nothingRecalled = (): undefined => undefined;

/** A leg on a market that has just been opened, at its opening odds. */
export function legOn(fixture: BookFixture, selectionId: string): SlipLeg {
  const { markets, ...terms } = fixture;
  const [market] = markets;
  const selection = market?.selections.find((item) => item.selectionId === selectionId);
  assert(market !== undefined && selection !== undefined, 'the fixture offers this selection');
  const { marketId, kind, line } = market;
  const odds = storedOdds(selection.odds);
  const open = { marketId, marketVersion: 0, status: 'open', inPlay: false, stakeMaxPerBetMinor: null, stakeMaxPerAccountMinor: null } as const;
  const offer = { ...open, kind, line, selection: { name: selection.name, odds }, fixture: { ...terms, started: false } };
  return { marketId, selectionId, requestedOdds: odds, offer };
}

export function storedOdds(decimal: string): string {
  const odds = parseDecimalOdds(decimal);
  assert(odds !== undefined, `odds are decimal: ${decimal}`);
  return formatRational(odds);
}

export class PreloadedAccount {
  readonly accountId: string;
  #state = accountDecider.initial;
  #revision = -1;
  #betCount = 0;
  #waiting: NewEvent[] = [];

  constructor(accountId: string) {
    this.accountId = accountId;
  }

  open(depositMinor: number, at: string): void {
    const { accountId } = this;
    this.#decide({ type: 'OpenAccount', accountId, currency, brand: 'bench', jurisdiction: 'GB', at }, accountId);
    const keyHash = sha256Hex(`${accountId}:deposit`);
    const amount = { amountMinor: depositMinor, amountMinorMax: depositMinor, currency };
    this.#decide({ type: 'Deposit', ...amount, keyHash, requestHash: keyHash, at }, keyHash);
  }

  place(legs: readonly SlipLeg[], unitStakeMinor: number, at: string, shape: BetShape = { type: 'folds', folds: [legs.length] }): PlacedBet {
    const key = `bench-preload-${this.#betCount++}`;
    const keyHash = sha256Hex(`${this.accountId}:${key}`);
    const betId = betIdOf(this.accountId, key);
    const terms = { betId, currency, unitStakeMinor, shape, ruleSet: defaultRuleSet, oddsChangePolicy: 'any' as const, legs, limits };
    const [placed] = this.#decide({ type: 'PlaceBet', ...terms, keyHash, requestHash: keyHash, at }, betId, keyHash);
    assert(placed?.type === 'BetPlaced', 'the bet is accepted');
    return placed;
  }

  settle(placed: PlacedBet, legs: readonly LegVerdict[], at: string): void {
    const why = { reason: 'result', decidedBy: { role: 'system', id: 'bench' }, returnApprovalMinor: Number.MAX_SAFE_INTEGER } as const;
    const [settled] = this.#decide({ type: 'SettleBet', betId: placed.betId, legs, ...why, at }, `settle-${placed.betId}`, placed.keyHash, placed);
    assert(settled?.type === 'BetSettled', 'the bet is settled');
  }

  #decide(command: Command, commandId: string, trace = sha256Hex(commandId), last?: AccountEvent): readonly AccountEvent[] {
    const decision = accountDecider.decide(command, this.#state, last === undefined ? nothingRecalled : () => last);
    assert(decision.outcome === 'accepted', `${command.type} is accepted`);
    const traceId = trace.slice(0, 32);
    const traceparent = `00-${traceId}-${trace.slice(32, 48)}-01`;
    const actor = { role: 'bettor', id: this.accountId } as const;
    const context = { commandId, causationId: commandId, correlationId: traceId, traceparent, actor };
    for (const [index, event] of decision.events.entries()) {
      this.#state = accountDecider.evolve(this.#state, event);
      this.#waiting.push(encode(event, context, index));
    }
    return decision.events;
  }

  async flush(log: PreloadLog): Promise<void> {
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, batchEventsMax);
      await log.append(accountStream(this.accountId), this.#revision, events);
      this.#revision += events.length;
    }
  }
}
