// What holds of every account, whatever is asked of it in whatever order: money balances, nothing is settled twice, nothing is done twice.

import type { Decision } from '@wagerline/shared-kernel/decider';
import { accountEvents, placeOf, type AccountEvent, type AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { LimitKind, LimitPeriod } from '@wagerline/shared-kernel/events/account-events';
import { catalogue } from '@wagerline/shared-kernel/events/catalogue';
import { postings, type Posting } from '@wagerline/shared-kernel/events/postings';
import { addHours, periodKeys } from '@wagerline/shared-kernel/values/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccountCommand, LegVerdict } from './commands.ts';
import { accountDecider } from './decide.ts';
import { accountId, deposited, moneyKey, offer, opened, placeBet, settle, why } from './samples.ts';
import { accountSnapshots } from './snapshot.ts';
import { periods, type AccountState, type OpenAccountState } from './state.ts';

const seed = 20_190_809;
const hourMs = 3_600_000;
const startMs = Date.parse('2019-08-09T12:00:00.000Z');

/** A command and how much later than the one before it comes. */
type Step = { readonly hours: number; readonly command: (at: string) => AccountCommand };
type LegDraft = { readonly market: number; readonly odds: string; readonly requested: string; readonly inPlay: boolean; readonly limit: number | null };

const key = fc.integer({ min: 0, max: 4 });
const amount = fc.integer({ min: 1, max: 2_000 });
const odds = fc.constantFrom('11/10', '39/20', '2/1', '17/4');
const requested = fc.constantFrom('11/10', '11/10', '39/20');
const leg = fc.record({ market: fc.integer({ min: 1, max: 5 }), odds, requested, inPlay: fc.boolean(), limit: fc.option(amount, { freq: 3 }) });
const verdictFields = {
  corrected: fc.constantFrom({ odds: '3/2', reason: 'typing' }, { odds: '5/2', reason: 'typing' }),
  result: fc.constantFrom('won', 'lost', 'push', 'void', 'half_won', 'half_lost', 'open'),
  resultRevision: fc.option(fc.integer({ min: 0, max: 20 })),
  movedTo: fc.record({ fixtureId: fc.constant('f9'), marketId: fc.constantFrom('m8', 'm9'), revisions: fc.tuple(fc.option(fc.nat(3), { freq: 2 })) }),
  late: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
} as const;
const verdict: fc.Arbitrary<LegVerdict> = fc.record(verdictFields, { requiredKeys: ['result', 'resultRevision', 'late'] });

const commands = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key, amount, type: fc.constantFrom('Deposit' as const, 'Withdraw' as const) }).map(moveFunds) },
  { weight: 8, arbitrary: fc.record({ key, amount, legs: fc.uniqueArray(leg, { minLength: 1, maxLength: 3, selector: (one) => one.market }) }).map(bet) },
  { weight: 12, arbitrary: fc.record({ key, verdicts: fc.tuple(verdict, verdict, verdict) }).map(result) },
  { weight: 1, arbitrary: key.map(byHand) },
  { weight: 2, arbitrary: fc.record({ key, type: fc.constantFrom('ApproveReturn' as const, 'ApproveVoid' as const) }).map(approval) },
  { weight: 4, arbitrary: fc.record({ key, type: fc.constantFrom('DeclineReturn' as const, 'DeclineVoid' as const) }).map(decline) },
  { weight: 1, arbitrary: fc.constant((at: string): AccountCommand => ({ type: 'SelfExclude', until: addHours(at, 2), at })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('stake', 'loss', 'deposit'), fc.constantFrom(...periods), fc.option(amount, { freq: 2 })).map(limit) },
);
const step: fc.Arbitrary<Step> = fc.record({ hours: fc.constantFrom(0, 0, 1, 9, 200), command: commands });

function moveFunds({ key: k, amount: amountMinor, type }: { key: number; amount: number; type: 'Deposit' | 'Withdraw' }): Step['command'] {
  return (at) => ({ type, amountMinor: amountMinor * 8, amountMinorMax: 15_000, currency: 'GBP', ...moneyKey(`${type} ${k}`), at });
}

function bet({ key: k, amount: unitStakeMinor, legs }: { key: number; amount: number; legs: readonly LegDraft[] }): Step['command'] {
  const slip = legs.map((one) => {
    const marketId = `m${one.market}`;
    const offered = offer({ marketId, selection: { name: 'Home', odds: one.odds }, inPlay: one.inPlay, stakeMaxPerAccountMinor: one.limit }, `f${one.market}`);
    return { marketId, selectionId: 'home', requestedOdds: one.requested, offer: offered };
  });
  const limits = { openBetsMax: 6, stakeMinorMax: 1_900, returnMinorMax: 100_000, linesMax: 100 };
  return (at) => placeBet(`bet ${k}`, { unitStakeMinor, legs: slip, oddsChangePolicy: 'better', limits, at });
}

function result({ key: k, verdicts }: { key: number; verdicts: Parameters<typeof settle>[1][] }): Step['command'] {
  return (at) => ({ ...settle(`bet ${k}`, ...verdicts), returnApprovalMinor: 3_000, at });
}

function byHand(k: number): Step['command'] {
  return (at) => ({ type: 'VoidBet', betId: settle(`bet ${k}`).betId, ...why, isOutcomeKnown: false, voidApprovalMinor: 1_000_000, at });
}

function approval({ key: k, type }: { key: number; type: 'ApproveReturn' | 'ApproveVoid' }): Step['command'] {
  return (at) => ({ type, betId: settle(`bet ${k}`).betId, approvedBy: { role: 'settler', id: 'settler-1' }, at });
}

function decline({ key: k, type }: { key: number; type: 'DeclineReturn' | 'DeclineVoid' }): Step['command'] {
  return (at) => ({ type, betId: settle(`bet ${k}`).betId, reason: 'mistaken', declinedBy: { role: 'settler', id: 'settler-2' }, at });
}

function limit([kind, period, amountMinor]: readonly [LimitKind, LimitPeriod, number | null]): Step['command'] {
  return (at) => ({ type: 'SetLimit', kind, period, amountMinor: amountMinor === null ? null : amountMinor * 4, at });
}

/** One account, its whole history, and the newest event of each key. */
class Account {
  readonly history: AccountEvent[] = [];
  readonly byKey = new Map<string, AccountEvent>();
  state: AccountState = accountDecider.initial;

  constructor() {
    this.apply(opened);
    this.apply(deposited(20_000));
  }

  get open(): OpenAccountState {
    if (this.state.status === 'absent') throw new Error('the account was opened');
    return this.state;
  }

  apply(event: AccountEvent): void {
    this.history.push(event);
    this.state = accountDecider.evolve(this.state, event);
    for (const name of accountDecider.keysOf(event)) this.byKey.set(name, event);
  }

  decide(command: AccountCommand, state: AccountState = this.state): Decision<AccountEvent> {
    return accountDecider.decide(command, state, (name) => this.byKey.get(name));
  }

  /** A verdict per leg that the bet has: the generator does not know how many there are. */
  fitted(command: AccountCommand): AccountCommand {
    if (command.type !== 'SettleBet') return command;
    const last = this.byKey.get(`bet:${command.betId}`);
    return last !== undefined && 'legs' in last ? { ...command, legs: command.legs.slice(0, last.legs.length) } : command;
  }
}

test('every sequence of commands', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
      const account = new Account();
      let ms = startMs;
      for (const { hours, command: make } of steps) {
        ms += hours * hourMs;
        const command = account.fitted(make(new Date(ms).toISOString()));
        const before = account.open.balanceMinor;
        const decision = account.decide(command);
        expect(account.decide(command, throughSnapshot(account.state)), 'a snapshot decides alike').toEqual(decision);
        for (const event of decision.events) {
          checkEvent(event, account.history);
          account.apply(event);
          seen.add(event.type);
        }
        expect(account.decide(command).events, 'the same command again writes nothing').toEqual([]);
        checkState(account, command.at);
        const isReversed = decision.events.some((event) => event.type === 'BetSettlementReversed');
        if (account.open.balanceMinor < 0) expect(isReversed || before < 0, 'only a reversal goes below zero').toBe(true);
      }
    }),
    { seed, numRuns: 200 },
  );
  // The generator reaches everything that an account can record, or this test says less than it seems to.
  // Tokens and daily caps need other rules and commands: promotions.test.ts.
  const others = new Set(['AccountOpened', 'FreeBetGranted', 'DailyCapApplied']);
  const types = Object.keys(accountEvents).filter((type) => !others.has(type));
  expect([...seen].sort()).toEqual(types.sort());
});

function throughSnapshot(state: AccountState): AccountState {
  const restored = accountSnapshots.fromJson(JSON.parse(JSON.stringify(accountSnapshots.toJson(state))));
  expect(restored).toEqual(state);
  return restored;
}

/** Judged against the history before it. */
function checkEvent(event: AccountEvent, history: readonly AccountEvent[]): void {
  const { type, at: _, ...payload } = event;
  expect(catalogue.get(type)?.payload.safeParse(payload).error).toBeUndefined();
  expect(sum(postings(event), () => true)).toBe(0);
  if (!('betId' in event) || event.type === 'BetRefused' || event.type === 'BetPlaced') return;
  const ofBet = history.filter((earlier) => 'betId' in earlier && earlier.betId === event.betId);
  const inForce = settlementInForce(ofBet);
  if (event.type === 'BetSettled' || event.type === 'BetVoided') {
    expect(inForce, 'one settlement at a time').toBeUndefined();
    expect(ofBet.some((earlier) => earlier.type === 'BetVoided')).toBe(false);
  }
  if (event.type === 'BetMoved') expect([event.isLive, event.settlement]).toEqual([inForce === undefined, inForce?.settlement ?? event.settlement]);
  if (event.type === 'BetSettled') expect(event.settlement).toBe(1 + ofBet.filter((earlier) => earlier.type === 'BetSettled').length);
  if (event.type === 'BetSettlementReversed') {
    expect(inForce).toMatchObject({ settlement: event.settlement });
    expect(postings(event)).toEqual(inForce && postings(inForce).map((line) => ({ ...line, amountMinor: -line.amountMinor })));
  }
}

function settlementInForce(ofBet: readonly AccountEvent[]): AccountEventOf<'BetSettled'> | undefined {
  let inForce: AccountEventOf<'BetSettled'> | undefined;
  for (const event of ofBet) {
    if (event.type === 'BetSettled') inForce = event;
    if (event.type === 'BetSettlementReversed') inForce = undefined;
  }
  return inForce;
}

function checkState({ open, history }: Account, at: string): void {
  const lines = history.flatMap(postings);
  expect(open.balanceMinor).toBe(sum(lines, (account) => account === `bettor:${accountId}`));
  const openStakes = open.openBets.reduce((total, one) => total + one.stakeMinor, 0);
  expect(openStakes).toBe(sum(lines, (account) => account === 'open-stakes'));
  const placesOf = new Map(history.flatMap((event) => ('betId' in event && event.type !== 'BetRefused' && 'legs' in event ? [[event.betId, event.legs]] : [])));
  for (const { betId, marketIds } of open.openBets) expect(marketIds).toEqual(placesOf.get(betId)?.map((leg) => placeOf(leg).marketId));
  for (const period of periods) {
    const counter = open.counters[period];
    const now = history.filter((event) => periodKeys(event.at)[period] === counter.period);
    const total = (types: readonly AccountEvent['type'][]): number => {
      return sum(now.filter((event) => types.includes(event.type)).flatMap(postings), (account) => account === `bettor:${accountId}`);
    };
    expect(counter).toEqual({
      period: counter.period,
      stakedMinor: 0 - total(['BetPlaced']),
      returnedMinor: total(['BetSettled', 'BetSettlementReversed', 'BetVoided']),
      depositedMinor: total(['FundsDeposited']),
    });
  }
  expect(at >= (history.at(-1)?.at ?? '')).toBe(true);
}

function sum(lines: readonly Posting[], of: (account: string) => boolean): number {
  return lines.reduce((total, line) => (of(line.account) ? total + line.amountMinor : total), 0);
}
