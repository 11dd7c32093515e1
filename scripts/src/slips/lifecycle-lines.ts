// A history replayed line by line: bets are kept, feed messages change what they return. Called by lifecycle.ts and tests. Every change of an
// effective settlement is counted; at the end each bet says where it stands.

import { afterResult, openHistory, type SettlementHistory } from '@wagerline/shared-kernel/betting/results/bet-history';
import type { FeedMessage } from '@wagerline/shared-kernel/betting/results/feed-message';
import { marketKey, ResultRegister, type LegOfMarket } from '@wagerline/shared-kernel/betting/results/register';
import type { Leg, LegOutcomeTerms } from '@wagerline/shared-kernel/betting/legs';
import { legsOf, outcomesProblem, settlePrepared, type BetSettlement, type BetState } from '@wagerline/shared-kernel/betting/settlement';
import { idOf, notJson, parsedLine, type Refused } from './answer.ts';
import { exactText } from './exact-text.ts';
import { readHistoryLine } from './history-schema.ts';
import { isInputError, readSlip, type ReadSlip } from './read-slip.ts';
import type { InputError } from './slip-schema.ts';

export type BetStanding = {
  readonly id: string;
  readonly state: BetState;
  readonly returnExact: string;
  readonly return: string;
  readonly settlements: number;
  readonly reversals: number;
};

type Judged = { readonly legs: readonly Leg[]; readonly settled: BetSettlement };
/** A bet was settled, taken back, or both at once; `before` undefined: when it was struck. */
export type BetChange = { readonly slip: ReadSlip; readonly before: SettlementHistory | undefined; readonly after: SettlementHistory } & Judged;

type KeptBet = { readonly slip: ReadSlip; readonly legs: readonly LegOfMarket[]; readonly acceptedAtMs: number; history: SettlementHistory };

/** One history in memory: its bets, and every message once. */
export class Lifecycle {
  private readonly register = new ResultRegister();
  private readonly kept: (KeptBet | Refused)[] = [];
  private readonly ids = new Set<string>();
  private readonly byMarket = new Map<string, Set<KeptBet>>();
  /** By market: those that name it as their successor. */
  private readonly replaced = new Map<string, Set<string>>();
  private readonly onChange: (change: BetChange) => void;

  constructor(onChange: (change: BetChange) => void = () => undefined) {
    this.onChange = onChange;
  }

  /** A line that is wrong is answered in its place among the bets. */
  line(text: string): void {
    const value = parsedLine(text);
    const refused = value === undefined ? notJson : this.take(value);
    if (refused !== undefined) this.kept.push(refused);
  }

  refuse(refused: Refused): void {
    this.kept.push(refused);
  }

  *standings(): Generator<BetStanding | Refused> {
    for (const entry of this.kept) {
      if ('error' in entry) {
        yield entry;
        continue;
      }
      const { slip, history } = entry;
      const { now, settlements, reversals } = history;
      const { perMajor } = slip.bet;
      yield { id: slip.id, state: now.state, returnExact: exactText(now.exact, perMajor), return: exactText(now.rounded, perMajor), settlements, reversals };
    }
  }

  /** Markets whose results contradict each other: their legs are open, and somebody has to look. */
  heldMarkets(): readonly string[] {
    const bets = this.kept.filter((entry) => 'slip' in entry);
    const held = bets.flatMap(({ slip: { bet }, legs, acceptedAtMs }) => {
      const counted = legs.map(({ market, ...leg }) => ({ market, fixture: this.register.fixtureOf({ market, ...leg, acceptedAtMs }, bet.rules) }));
      return counted.filter((leg) => this.register.isHeld(leg, bet.rules.settleAt));
    });
    return [...new Set(held.map(({ fixture, market }) => `${fixture} ${market}`))];
  }

  private take(value: unknown): Refused | undefined {
    const line = readHistoryLine(value);
    if (isInputError(line)) return { id: idOf(betIn(value)), error: line };
    if ('bet' in line) return this.takeBet(line.bet, line.acceptedAtMs);
    if (!this.register.add(line.feed)) return undefined;
    for (const bet of this.betsOn(line.feed)) {
      const { slip, history: before } = bet;
      const judged = this.judged(bet);
      bet.history = afterResult(before, judged.settled);
      this.changed({ slip, before, after: bet.history, ...judged });
    }
    return undefined;
  }

  /** Also those of markets that this one replaces, and so on. */
  private betsOn({ fixture, market, supercededBy }: FeedMessage): ReadonlySet<KeptBet> {
    const key = marketKey({ fixture, market });
    if (supercededBy !== undefined) {
      const next = marketKey({ fixture: supercededBy, market });
      this.replaced.set(next, (this.replaced.get(next) ?? new Set()).add(key));
    }
    const keys = new Set([key]);
    for (const each of keys) for (const other of this.replaced.get(each) ?? []) keys.add(other);
    return new Set([...keys].flatMap((each) => [...(this.byMarket.get(each) ?? [])]));
  }

  private takeBet(value: unknown, acceptedAtMs: number): Refused | undefined {
    const slip = readSlip(value, false);
    if (isInputError(slip)) return { id: idOf(value), error: { ...slip, pointer: `/bet${slip.pointer}` } };
    const refused = (pointer: string, detail: string, code: InputError['code'] = 'LEGS_INVALID'): Refused => {
      return { id: slip.id, error: { code, detail, pointer: `/bet${pointer}` } };
    };
    if (this.ids.has(slip.id)) return refused('/id', 'a bet with this id stands in the history already', 'BODY_INVALID');
    const legs: LegOfMarket[] = [];
    for (const [index, { fixture, market, selection }] of slip.bet.terms.legs.entries()) {
      if (fixture === undefined) return refused(`/legs/${index}/fixture`, 'a leg names its fixture, or no message can');
      if (market === undefined) return refused(`/legs/${index}/market`, 'a leg names its market, or no message can');
      if (selection === undefined) return refused(`/legs/${index}/selection`, 'a leg names its selection, or no message can');
      legs.push({ fixture, market, selection });
    }
    const known = { slip, legs, acceptedAtMs };
    const judged = this.judged(known);
    const bet: KeptBet = { ...known, history: openHistory(judged.settled) };
    this.ids.add(slip.id);
    this.kept.push(bet);
    for (const leg of legs) {
      const key = marketKey(leg);
      const bets = this.byMarket.get(key);
      if (bets === undefined) this.byMarket.set(key, new Set([bet]));
      else bets.add(bet);
    }
    this.changed({ slip, before: undefined, after: bet.history, ...judged });
    return undefined;
  }

  private changed(change: BetChange): void {
    const { before = { settlements: 0, reversals: 0 }, after } = change;
    if (before.settlements !== after.settlements || before.reversals !== after.reversals) this.onChange(change);
  }

  private judged({ slip, legs, acceptedAtMs }: Omit<KeptBet, 'history'>): Judged {
    const { bet, unitStakeMinor } = slip;
    const outcomes = legs.map((leg, index): LegOutcomeTerms => {
      return { ...slip.outcomes[index], ...this.register.legOutcome({ ...leg, acceptedAtMs }, bet.rules) };
    });
    const judgedAs = (known: readonly LegOutcomeTerms[]): Judged => {
      const judged = legsOf(bet, known);
      return { legs: judged, settled: settlePrepared(bet, unitStakeMinor, judged) };
    };
    if (outcomesProblem(bet, outcomes) === undefined) return judgedAs(outcomes);
    // A winner at a starting price that the slip does not say cannot be paid: it stays open.
    const payable = outcomes.map((outcome, index): LegOutcomeTerms => {
      const alone = outcomes.map((other, place): LegOutcomeTerms => (place === index ? other : { result: 'open' }));
      return outcomesProblem(bet, alone) === undefined ? outcome : { ...outcome, result: 'open' };
    });
    return judgedAs(payable);
  }
}

function betIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'bet' in value ? value.bet : undefined;
}
