// One slot: its triggers strictly in log order, each until every command is answered. Made by settlement.ts for each slot that it holds.
// It settles nothing itself: the account decides by the vector of result revisions, so doing something twice is harmless.

import type { Logger } from '@wagerline/infra/logger';
import { vectorText } from '@wagerline/shared-kernel/betting/leg-vector';
import type { Cause, IndexedBet, SettlementIndex, Trigger } from '@wagerline/shared-kernel/ports/settlement-index';
import { commandIdOf, marketStream } from '@wagerline/shared-kernel/values/ids';
import type { CommandHandlers } from '../handlers.ts';
import { mayPass, pauseMsAfter, type Pause } from '../persevere.ts';
import type { InFlight } from './in-flight.ts';
import { marketsOf, newsAt, newsThrough, whyAt, type News } from './judge.ts';
import type { ParkedBet, SlotState } from './leases.ts';
import { waitingBets } from './progress.ts';

/** What all slots of a worker share. */
export type SlotWork = {
  readonly index: SettlementIndex;
  readonly handlers: Pick<CommandHandlers, 'account'>;
  /** Accounts of one slot that are worked on side by side. */
  readonly slotConcurrencyMax: number;
  /** A larger return waits for a second person. */
  readonly returnApprovalMinor: number;
  readonly inFlight: InFlight;
  readonly counts: { judged: number; sent: number; settled: number; retries: number; lastFailure: string | null };
  readonly isUnreadable: (stream: string) => boolean;
  readonly signal: AbortSignal;
  readonly pause: Pause;
  readonly logger: Logger;
  /** Called with what no slot can go on after: the index is gone. */
  readonly fail: (error: unknown) => void;
};

/** `news`: oldest first. */
type Judged = { readonly bet: IndexedBet; readonly news: readonly News[]; readonly cause: Cause };

/** All slots hold as many at a time: what waits for long costs the garbage collector. */
const betsReadMax = 100;
/** Commands of one account that are sent together. */
const accountCommandsMax = 32;
/** With so many parked bets something is wrong with all of them: the slot stands still instead, and is seen to. */
const parkedMax = 100;
const actor = { role: 'system', id: 'settlement' } as const;

export class Slot {
  readonly #number: number;
  readonly #work: SlotWork;
  readonly #stop = new AbortController();
  readonly #parked: Map<string, ParkedBet>;
  #checkpoint: number;
  /** Of the result that is worked on: bets placed up to here have been asked. */
  #reached = 0;
  #running: Promise<void> = Promise.resolve();
  #isParkedDue: boolean;
  /** Set and cleared in the same turn as the look at the index that it follows from, so that no trigger falls in between. */
  #isBehind = false;

  constructor(number: number, state: SlotState, work: SlotWork) {
    this.#number = number;
    this.#work = work;
    this.#checkpoint = state.checkpoint;
    this.#parked = new Map(state.parked.map((bet) => [bet.betId, bet]));
    this.#isParkedDue = this.#parked.size > 0;
  }

  /** Everything up to the checkpoint is answered. Between triggers it follows the index. */
  state(): SlotState {
    const checkpoint = this.#isBehind ? this.#checkpoint : Math.max(this.#checkpoint, this.#work.index.position());
    return { checkpoint, parked: [...this.#parked.values()] };
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  waiting(): number {
    return this.#isBehind ? waitingBets(this.#work.index, this.#number, { checkpoint: this.#checkpoint, reached: this.#reached }) : 0;
  }

  /** There may be triggers after `indexedBefore`, where the index stood when this slot last had nothing to do. */
  wake(indexedBefore: number): void {
    if (this.#isBehind || this.#isStopped) return;
    this.#checkpoint = Math.max(this.#checkpoint, indexedBefore);
    this.#isBehind = true;
    this.#running = this.#run().catch(this.#work.fail);
  }

  /** Resolves when nothing of this slot is in flight any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted || this.#work.signal.aborted;
  }

  /** The index may fail for want of room: also reading writes it, where it is behind. Then the same is tried again, and nothing is skipped. */
  async #run(): Promise<void> {
    const { counts, pause, logger } = this.#work;
    for (let failures = 0; !this.#isStopped; ) {
      try {
        if (!(await this.#handleNext())) return;
        failures = 0;
      } catch (error) {
        if (!mayPass(error)) throw error;
        failures += 1;
        counts.lastFailure = messageOf(error);
        logger.warn({ slot: this.#number, err: error, failures }, 'a slot could not use its index');
        await pause(pauseMsAfter(failures), this.#stop.signal);
      }
    }
  }

  /** False when there is nothing more to do. */
  async #handleNext(): Promise<boolean> {
    const { index } = this.#work;
    if (this.#isParkedDue && index.position() >= this.#checkpoint) await this.#retryParked();
    if (this.#isStopped) return false;
    const [trigger] = index.triggers(this.#number, this.#checkpoint, 1);
    const isDone = trigger === undefined || !(await this.#handle(trigger));
    if (isDone && !this.#isStopped) this.#isBehind = false;
    if (isDone) return false;
    this.#checkpoint = trigger.position;
    this.#reached = 0;
    return true;
  }

  /** True when every command that follows is answered. */
  async #handle({ position, marketId, cause }: Trigger): Promise<boolean> {
    if (marketId === null) {
      const bet = this.#work.index.betAt(position);
      return bet !== undefined && (await this.#settleAll([bet], position, cause));
    }
    for (let after = 0; ; ) {
      const bets = this.#work.index.bets(marketId, this.#number, { after, before: position, limit: betsReadMax });
      // After a full disk the index may have lost its end; it comes back, and then wakes this slot again.
      if (this.#work.index.position() < position) return false;
      if (!(await this.#settleAll(bets, position, cause))) return false;
      if (bets.length < betsReadMax) return true;
      after = bets.at(-1)?.position ?? after;
      this.#reached = after;
    }
  }

  /** Accounts side by side, the commands of one account together, in the order of its bets. */
  async #settleAll(bets: readonly IndexedBet[], position: number, cause: Cause): Promise<boolean> {
    const { counts, slotConcurrencyMax, inFlight, pause } = this.#work;
    const byAccount = new Map<string, Judged[]>();
    const failed: { readonly bet: IndexedBet; readonly reason: string }[] = [];
    // All in this turn: the index stands at this position now, and may stand elsewhere later.
    for (const bet of bets) {
      try {
        const news = this.#newsOf(bet, position);
        if (news.length === 0) {
          this.#parked.delete(bet.betId);
          continue;
        }
        const judged = byAccount.get(bet.accountId) ?? [];
        byAccount.set(bet.accountId, judged);
        judged.push({ bet, news, cause });
      } catch (error) {
        if (mayPass(error)) throw error;
        failed.push({ bet, reason: messageOf(error) });
      }
    }
    counts.judged += bets.length;
    for (const { bet, reason } of failed) {
      while (!this.#park(bet, reason) && !this.#isStopped) await pause(pauseMsAfter(1), this.#stop.signal);
    }
    const groups = [...byAccount.values()].flatMap((judged) => chunks(judged, accountCommandsMax));
    const left = groups.values();
    const runner = async (): Promise<void> => {
      for (const group of left) {
        if (this.#isStopped) return;
        await inFlight.run(group.length, () => Promise.all(group.map((judged) => this.#settle(judged))));
      }
    };
    await Promise.all(Array.from({ length: Math.min(slotConcurrencyMax, groups.length) }, runner));
    return !this.#isStopped;
  }

  /** A parked bet gets all the news that there was: the account may have missed any of it. */
  #newsOf(bet: IndexedBet, position: number): readonly News[] {
    const { index, isUnreadable } = this.#work;
    const unreadable = marketsOf(bet, position, index).find((marketId) => isUnreadable(marketStream(marketId)));
    if (unreadable !== undefined) throw new Error(`market ${unreadable} has an unreadable event`);
    if (this.#parked.has(bet.betId)) return newsThrough(bet, position, index);
    const verdicts = newsAt(bet, position, index);
    return verdicts === undefined ? [] : [{ verdicts, why: whyAt(bet, position, index) }];
  }

  /** Resolves when the account has answered, the bet is parked, or the slot is stopped. */
  async #settle({ bet, news, cause }: Judged): Promise<void> {
    for (const item of news) if (!(await this.#send(bet, item, cause))) return;
    this.#parked.delete(bet.betId);
  }

  /** True when the account has answered; false when the bet is parked or the slot is stopped. */
  async #send(bet: IndexedBet, { verdicts, why }: News, cause: Cause): Promise<boolean> {
    const { handlers, counts, pause, returnApprovalMinor } = this.#work;
    const { betId, accountId } = bet;
    const commandId = commandIdOf('settle', betId, vectorText(verdicts));
    for (let failures = 1; !this.#isStopped; failures += 1) {
      counts.sent += 1;
      let reason: string;
      try {
        const handled = await handlers.account.handle(
          accountId,
          (at) => ({ type: 'SettleBet', betId, legs: verdicts, ...why, returnApprovalMinor, at }),
          { ...cause, commandId, actor },
        );
        if (handled.answer !== undefined) counts.settled += 1;
        if (handled.refusal === undefined) return true;
        reason = handled.refusal.code;
        if (this.#park(bet, reason)) return false;
      } catch (error) {
        reason = messageOf(error);
        if (!mayPass(error) && this.#park(bet, reason)) return false;
      }
      counts.retries += 1;
      counts.lastFailure = reason;
      if (failures === 1) this.#work.logger.warn({ betId, reason }, 'settling a bet is tried again');
      await pause(pauseMsAfter(failures), this.#stop.signal);
    }
    return false;
  }

  /** False when there are too many parked bets already. */
  #park({ betId, accountId, position }: IndexedBet, reason: string): boolean {
    if (this.#parked.size >= parkedMax && !this.#parked.has(betId)) return false;
    this.#parked.set(betId, { betId, accountId, position, reason: reason.slice(0, 200) });
    this.#work.logger.error({ betId, accountId, reason }, 'a bet is parked');
    return true;
  }

  /** Once per holder: a restart may have brought what was missing. */
  async #retryParked(): Promise<void> {
    const bets = [...this.#parked.values()].flatMap(({ position }) => this.#work.index.betAt(position) ?? []);
    for (const bet of bets) {
      const cause = { causationId: bet.betId, correlationId: bet.betId, traceparent: '' };
      await this.#settleAll([bet], this.#checkpoint, cause);
    }
    this.#isParkedDue = false;
  }
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  if (items.length <= size) return [items];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
