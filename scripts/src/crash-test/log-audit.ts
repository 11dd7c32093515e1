// Reads the log itself, event by event, and holds it against what the clients were told: everything acknowledged is there exactly once,
// and nothing is there that nobody asked for. Pure: crash-run.ts feeds it. It also says which legs came too late, by position.

import type { AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { selections, type Ending, type Fact, type Findings } from './facts.ts';

type Answering = AccountEventOf<'FundsDeposited' | 'DepositRefused' | 'FundsWithdrawn' | 'WithdrawalRefused' | 'BetPlaced' | 'BetRefused'>;
type Recorded = { readonly event: Answering; readonly revision: number; readonly position: number };

export type LoggedBet = { readonly accountId: string; readonly lateMarkets: ReadonlySet<string> };

export class LogAudit {
  readonly #byKey = new Map<string, Recorded[]>();
  readonly #closedMarkets = new Set<string>();
  readonly #startedFixtures = new Set<string>();
  readonly #endings = new Map<string, Ending | undefined>();
  readonly bets = new Map<string, LoggedBet>();
  events = 0;

  apply(event: DomainEvent, revision: number, position: number): void {
    this.events += 1;
    this.#followMarket(event);
    if (!isAnswering(event)) return;
    const recorded = { event, revision, position };
    const earlier = this.#byKey.get(event.keyHash);
    if (earlier === undefined) this.#byKey.set(event.keyHash, [recorded]);
    else earlier.push(recorded);
    if (event.type !== 'BetPlaced' || this.bets.has(event.betId)) return;
    // A leg stands if, at the bet's place in the log, its market was open and its fixture not started.
    const late = event.legs.filter((leg) => this.#closedMarkets.has(leg.marketId) || this.#startedFixtures.has(leg.fixtureId));
    this.bets.set(event.betId, { accountId: event.accountId, lateMarkets: new Set(late.map((leg) => leg.marketId)) });
  }

  #followMarket(event: DomainEvent): void {
    if (event.type === 'FixtureStarted') this.#startedFixtures.add(event.fixtureId);
    if (event.type === 'MarketClosed' || event.type === 'MarketVoided') this.#closedMarkets.add(event.marketId);
    if (event.type === 'MarketVoided') this.#endings.set(event.marketId, 'void');
    if (event.type !== 'MarketResulted' && event.type !== 'MarketResultCorrected') return;
    const winner = event.results.find(({ result }) => result === 'won')?.selectionId;
    this.#endings.set(event.marketId, selections.find((selection) => selection === winner));
  }

  /** What traders were told is in the log, too. */
  judgeMarkets(endings: ReadonlyMap<string, Ending>, findings: Findings): void {
    for (const [marketId, ending] of endings) {
      const logged = this.#endings.get(marketId);
      if (logged !== ending) findings.add('lost', `the result of ${marketId}: answered ${ending}, in the log ${logged ?? 'none'}`);
    }
  }

  /** `asked`: the keys of everything that any client sent, answered or not. */
  judge(facts: readonly Fact[], asked: ReadonlySet<string>, findings: Findings): void {
    for (const fact of facts) this.#judgeFact(fact, findings);
    for (const [keyHash, recorded] of this.#byKey) {
      const [first, ...more] = recorded;
      if (first === undefined) continue;
      if (!asked.has(keyHash)) findings.add('unasked', `${first.event.type} at ${first.position}: nobody sent this key`);
      for (const again of more) findings.add('duplicate', `${again.event.type} at ${again.position} repeats the one at ${first.position}`);
    }
  }

  #judgeFact(fact: Fact, findings: Findings): void {
    const recorded = this.#byKey.get(fact.keyHash)?.find((candidate) => isSame(fact, candidate));
    if (recorded !== undefined) return;
    const { intent, key, accountId, status, answer } = fact;
    findings.add('lost', `${intent.kind} ${key} of ${accountId}: answered ${status} ${answer}, not in the log`);
  }
}

/** The event says what the answer said. */
function isSame({ intent, accepted, accountId, body }: Fact, { event, revision }: Recorded): boolean {
  if (event.accountId !== accountId) return false;
  const isHere = accepted && revision === body['revision'];
  switch (event.type) {
    case 'BetPlaced':
      return isHere && intent.kind === 'bet' && event.betId === body['betId'] && event.placedAt === body['placedAt'];
    case 'FundsDeposited':
    case 'FundsWithdrawn': {
      const kind = event.type === 'FundsDeposited' ? 'deposit' : 'withdrawal';
      return isHere && intent.kind === kind && event.amountMinor === intent.amountMinor && event.at === body['at'];
    }
    case 'BetRefused':
    case 'DepositRefused':
    case 'WithdrawalRefused':
      return !accepted && event.code === body['code'];
    default:
      return unreachable(event);
  }
}

const answeringTypes: ReadonlySet<string> = new Set<Answering['type']>([
  'FundsDeposited',
  'DepositRefused',
  'FundsWithdrawn',
  'WithdrawalRefused',
  'BetPlaced',
  'BetRefused',
]);

function isAnswering(event: DomainEvent): event is Answering {
  return answeringTypes.has(event.type);
}
