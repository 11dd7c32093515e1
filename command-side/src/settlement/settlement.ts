// The settlement job: one worker, which reads the whole log into its index and works on the slots that it holds. Started by a part's
// main file; any number of workers may run. It decides nothing: accounts do, from the results that this job sends them.

import type { Logger } from '@wagerline/infra/logger';
import type { Clock } from '@wagerline/shared-kernel/ports/clock';
import type { EventStore, SubscriptionBatch } from '@wagerline/shared-kernel/ports/event-store';
import type { SettlementIndex, UnreadableEvent } from '@wagerline/shared-kernel/ports/settlement-index';
import { domainPrefixes, slotCount } from '@wagerline/shared-kernel/values/ids';
import type { CommandHandlers } from '../handlers.ts';
import { mayPass, pause as realPause, pauseMsAfter, type Pause } from '../persevere.ts';
import { InFlight } from './in-flight.ts';
import { indexBatch } from './index-log.ts';
import { SlotLeases, type ParkedBet } from './leases.ts';
import type { WorkerProgress } from './progress.ts';
import { Slot, type SlotWork } from './slot.ts';
import { StakesTeller } from './waiting-decisions.ts';

export type SettlementOptions = {
  readonly eventStore: Pick<EventStore, 'subscribeToAll' | 'readLeases' | 'writeLeases'>;
  readonly handlers: Pick<CommandHandlers, 'account'>;
  /** Told what was bet on it when somebody decides by hand; undefined where a log is settled anew, which says what was decided. */
  readonly market?: CommandHandlers['market'];
  readonly index: SettlementIndex;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly config: Readonly<Record<'returnApprovalMinor' | 'slotConcurrencyMax' | 'leaseRenewMs' | 'leaseTakeoverMs', number>>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The one process tree that lives on this log: slots of another are taken at once. Undefined where several may live. */
  readonly tree?: string | undefined;
  readonly pause?: Pause;
};

export type SettlementStatus = {
  readonly indexedPosition: number;
  /** Every command that follows from the log up to here is answered, in the slots of other workers too. */
  readonly settledThrough: number;
  readonly slotsHeld: number;
  /** The slots held, each with the position up to which everything in it is answered. */
  readonly slots: readonly (readonly [number: number, checkpoint: number])[];
  /** What is left: slots with something to do, the stretch of the log that they stand in, commands without an answer. */
  readonly backlog: { readonly slots: number; readonly positions: number; readonly commandsInFlight: number };
  /** Since the start: bets looked at, commands sent, commands that wrote something. */
  readonly judged: number;
  readonly sent: number;
  readonly settled: number;
  readonly settledPerSecond: number;
  readonly parkedCount: number;
  readonly parked: readonly ParkedBet[];
  readonly unreadable: readonly UnreadableEvent[];
  readonly retries: number;
  readonly lastFailure: string | null;
};

export type Settlement = {
  /** Resolves after the signal has aborted and nothing is in flight; rejects when the index is lost while running. */
  readonly done: Promise<void>;
  status(): SettlementStatus;
  progress(): WorkerProgress;
  settledThrough(): number;
};

/** Enough to keep the log's writer busy; more would only grow old while they wait, and cost the garbage collector. */
const commandsInFlightMax = 48;
/** A batch of so many events is load: the next ones gather for a moment, because few large reads cost far less than many small ones. */
const busyBatchEvents = 16;
const gatherMs = 50;
const shownMax = 100;

export function startSettlement(options: SettlementOptions): Settlement {
  const worker = new Worker(options);
  return { done: worker.run(), status: () => worker.status(), progress: () => worker.progress(), settledThrough: () => worker.settledThrough() };
}

class Worker {
  readonly #options: SettlementOptions;
  readonly #pause: Pause;
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #leases: SlotLeases;
  readonly #slots = new Map<number, Slot>();
  #unreadable: readonly UnreadableEvent[];
  readonly #unreadableStreams: Set<string>;
  readonly #work: SlotWork;
  readonly #teller: StakesTeller | undefined;
  #hasCaughtUp = false;
  #rate = { settled: 0, atMs: 0, perSecond: 0 };

  constructor(options: SettlementOptions) {
    const { eventStore, handlers, index, clock, config, signal, logger, tree, pause = realPause } = options;
    this.#options = options;
    this.#pause = pause;
    this.#signal = AbortSignal.any([signal, this.#failure.signal]);
    this.#leases = new SlotLeases({ eventStore, clock, leaseTakeoverMs: config.leaseTakeoverMs, tree });
    const unreadable = index.unreadable();
    this.#unreadable = unreadable.slice(-shownMax);
    this.#unreadableStreams = new Set(unreadable.map((event) => event.stream));
    this.#work = {
      index,
      handlers,
      slotConcurrencyMax: config.slotConcurrencyMax,
      returnApprovalMinor: config.returnApprovalMinor,
      inFlight: new InFlight(commandsInFlightMax),
      counts: { judged: 0, sent: 0, settled: 0, retries: 0, lastFailure: null },
      isUnreadable: (stream) => this.#unreadableStreams.has(stream),
      signal: this.#signal,
      pause,
      logger,
      fail: (error) => this.#failure.abort(error),
    };
    this.#teller = this.#tellerOf(options);
  }

  #tellerOf({ market, index, logger }: SettlementOptions): StakesTeller | undefined {
    return market && new StakesTeller({ index, market, isOurs: (slot) => this.#slots.has(slot), logger });
  }

  async run(): Promise<void> {
    await Promise.all([this.#followLog(), this.#keepLeases()]);
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop()));
    await this.#teller?.stop();
    try {
      await this.#leases.release(this.#states());
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the slots were not released, others will wait for them');
    }
    if (this.#failure.signal.aborted) throw this.#failure.signal.reason;
  }

  async #followLog(): Promise<void> {
    const { eventStore, index, logger } = this.#options;
    for (let failures = 0; !this.#signal.aborted; ) {
      try {
        let followed = index.position();
        for await (const batch of eventStore.subscribeToAll(followed, { prefixes: domainPrefixes }, this.#signal)) {
          // A commit that found no room has taken the end of the index with it: from there the log is read again.
          if (index.position() !== followed) break;
          this.#index(batch);
          followed = batch.position;
          failures = 0;
          if (batch.caughtUp && batch.events.length >= busyBatchEvents) await this.#pause(gatherMs, this.#signal);
        }
      } catch (error) {
        if (!mayPass(error)) return this.#work.fail(error);
        failures += 1;
        this.#work.counts.lastFailure = error instanceof Error ? error.message : String(error);
        logger.error({ err: error, failures }, 'the settlement job could not follow the log');
        await this.#pause(pauseMsAfter(failures), this.#signal);
      }
    }
  }

  #index(batch: SubscriptionBatch): void {
    const { index, logger } = this.#options;
    const before = index.position();
    const { hasResults, hasRequests, lateSlots, unreadable } = indexBatch(index, batch, this.#unreadableStreams);
    for (const event of unreadable) {
      this.#unreadable = [...this.#unreadable, event].slice(-shownMax);
      logger.error(event, 'an event cannot be read, bets that depend on it are not settled');
    }
    // Having caught up for the first time, slots see to the bets that they were left parked.
    const wakesAll = hasResults || (batch.caughtUp && !this.#hasCaughtUp);
    this.#hasCaughtUp ||= batch.caughtUp;
    if (hasRequests) this.#teller?.tell();
    for (const [number, slot] of this.#slots) if (wakesAll || lateSlots.has(number)) slot.wake(before);
  }

  async #keepLeases(): Promise<void> {
    const { index, config, logger } = this.#options;
    while (!this.#signal.aborted) {
      try {
        // First the index, so that it is seldom behind a checkpoint.
        index.commit();
        const { acquired, lost } = await this.#leases.renew(this.#states());
        for (const number of lost) {
          await this.#slots.get(number)?.stop();
          this.#slots.delete(number);
        }
        if (this.#signal.aborted) return;
        for (const [number, state] of acquired) {
          const slot = new Slot(number, state, this.#work);
          this.#slots.set(number, slot);
          slot.wake(0);
        }
        this.#teller?.tell();
        if (acquired.size + lost.length > 0) logger.info({ acquired: acquired.size, lost: lost.length, held: this.#slots.size }, 'settlement slots');
      } catch (error) {
        if (!mayPass(error)) return this.#work.fail(error);
        logger.error({ err: error }, 'the leases of the settlement job were not renewed');
      }
      this.#measure();
      await this.#pause(config.leaseRenewMs, this.#signal);
    }
  }

  #states() {
    return new Map([...this.#slots].map(([number, slot]) => [number, slot.state()]));
  }

  #measure(): void {
    const { settled } = this.#work.counts;
    const atMs = this.#options.clock.monotonicMs();
    const seconds = (atMs - this.#rate.atMs) / 1000;
    if (seconds > 0) this.#rate = { settled, atMs, perSecond: Math.round((settled - this.#rate.settled) / seconds) };
  }

  settledThrough(): number {
    let through = Number.MAX_SAFE_INTEGER;
    for (let number = 0; number < slotCount; number += 1) {
      through = Math.min(through, this.#slots.get(number)?.state().checkpoint ?? this.#leases.checkpointOf(number));
    }
    return through;
  }

  progress(): WorkerProgress {
    const { index } = this.#options;
    const slots = [...this.#slots.values()];
    return {
      indexedPosition: index.position(),
      settledThrough: this.settledThrough(),
      openBets: index.openBetCount(),
      judged: this.#work.counts.judged,
      waiting: slots.reduce((sum, slot) => sum + slot.waiting(), 0),
      settledPerSecond: this.#rate.perSecond,
      parkedCount: slots.reduce((sum, slot) => sum + slot.state().parked.length, 0),
      heldMarkets: index.heldMarkets(shownMax),
    };
  }

  status(): SettlementStatus {
    const indexedPosition = this.#options.index.position();
    const settledThrough = this.settledThrough();
    const slots = [...this.#slots.values()];
    const parked = slots.flatMap((slot) => slot.state().parked);
    return {
      indexedPosition,
      settledThrough,
      slotsHeld: slots.length,
      slots: [...this.#slots].map(([number, slot]) => [number, slot.state().checkpoint] as const),
      backlog: {
        slots: slots.filter((slot) => slot.isBehind).length,
        positions: Math.max(0, indexedPosition - settledThrough),
        commandsInFlight: this.#work.inFlight.count,
      },
      ...this.#work.counts,
      settledPerSecond: this.#rate.perSecond,
      parkedCount: parked.length,
      parked: parked.slice(0, shownMax),
      unreadable: this.#unreadable,
    };
  }
}
