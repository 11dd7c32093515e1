// The account-statement read model: a line for each event that moves money, and a document of what else an account is. Called by
// the runner for events of account streams; balance and open stakes run along in the stream's watermark and stand nowhere else.

import type { AccountEvent } from '@wagerline/shared-kernel/events/account-events';
import type { DomainEvent } from '@wagerline/shared-kernel/events/catalogue';
import { isOfFreeBet, tokensAfter } from '@wagerline/shared-kernel/events/free-bet-tokens';
import { postings } from '@wagerline/shared-kernel/events/postings';
import * as statement from '@wagerline/shared-kernel/read-models/account-statement';
import type { AccountDocument, AccountLimit, StatementLineDocument, StatementValues } from '@wagerline/shared-kernel/read-models/account-statement';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { addMinor } from '@wagerline/shared-kernel/values/money';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { isHandled, type EventHandling, type HandledEvent, type Projection } from '../projection.ts';

const handling = {
  AccountOpened: 'handled',
  FundsDeposited: 'handled',
  FundsWithdrawn: 'handled',
  LimitSet: 'handled',
  SelfExcluded: 'handled',
  BetPlaced: 'handled',
  BetSettled: 'handled',
  BetSettlementReversed: 'handled',
  BetVoided: 'handled',
  DailyCapApplied: 'handled',
  FreeBetGranted: 'handled',
  DepositRefused: 'ignored',
  WithdrawalRefused: 'ignored',
  BetRefused: 'ignored',
  BetResultConfirmed: 'ignored',
  BetReturnHeld: 'ignored',
  BetRepriced: 'ignored',
  BetMoved: 'ignored',
  BetVoidRequested: 'ignored',
  BetVoidDeclined: 'ignored',
  BetReturnDeclined: 'ignored',
  MarketOpened: 'ignored',
  PricesChanged: 'ignored',
  MarketSuspended: 'ignored',
  MarketResumed: 'ignored',
  MarketClosed: 'ignored',
  MarketResulted: 'ignored',
  MarketResultCorrected: 'ignored',
  MarketVoided: 'ignored',
  MarketUnplayed: 'ignored',
  AntePostSet: 'ignored',
  PlaceTermsSet: 'ignored',
  SelectionWithdrawn: 'ignored',
  StartingPricesSet: 'ignored',
  PriceErrorDeclared: 'ignored',
  OutcomePaidEarly: 'ignored',
  MarketVoidRequested: 'ignored',
  MarketVoidDeclined: 'ignored',
  MarketDecisionRequested: 'ignored',
  MarketDecisionHeld: 'ignored',
  MarketDecisionDeclined: 'ignored',
  MarketSettlementHeld: 'ignored',
  MarketSettlementResumed: 'ignored',
  MarketFeedReceived: 'ignored',
  MarketReleased: 'ignored',
  FixtureScheduled: 'ignored',
  FixtureRescheduled: 'ignored',
  FixturePostponed: 'ignored',
  FixtureUnplayed: 'ignored',
  FixtureStarted: 'ignored',
  FixtureEnded: 'ignored',
  FixtureAbandoned: 'ignored',
  BuilderPriced: 'ignored',
} as const satisfies EventHandling;

export type StatementEvent = HandledEvent<typeof handling>;
type ProfileEvent = Extract<StatementEvent, { type: 'AccountOpened' | 'LimitSet' | 'SelfExcluded' | 'FreeBetGranted' }>;
type MoneyEvent = Exclude<StatementEvent, { type: 'AccountOpened' | 'LimitSet' | 'SelfExcluded' | 'FreeBetGranted' }>;
type StatementMeta = { readonly revision: number; readonly values: StatementValues };

const noMoney: StatementValues = { balanceMinor: 0, openStakesMinor: 0 };

/** Balance and open stakes after the event: the sums of its postings to those two. */
export function valuesAfter(values: JsonObject, event: DomainEvent): StatementValues {
  let { balanceMinor, openStakesMinor } = event.type === 'AccountOpened' ? noMoney : statement.statementValuesOf(values);
  for (const { account, amountMinor } of postings(event)) {
    if (account.startsWith('bettor:')) balanceMinor = addMinor(balanceMinor, amountMinor);
    if (account === 'open-stakes') openStakesMinor = addMinor(openStakesMinor, amountMinor);
  }
  return { balanceMinor, openStakesMinor };
}

export function projectLine(event: MoneyEvent, meta: StatementMeta): StatementLineDocument {
  const entries = postings(event);
  const bettor = entries.find(({ account }) => account.startsWith('bettor:'));
  return {
    accountId: event.accountId,
    revision: meta.revision,
    type: event.type,
    at: event.at,
    currency: event.currency,
    amountMinor: bettor?.amountMinor ?? 0,
    balanceAfterMinor: meta.values.balanceMinor,
    betId: 'betId' in event ? event.betId : null,
    reason: 'reason' in event ? event.reason : null,
    postings: entries,
  };
}

export function projectAccount(document: AccountDocument | undefined, event: ProfileEvent, { revision }: { readonly revision: number }): AccountDocument {
  if (event.type === 'AccountOpened') {
    const { accountId, currency, brand, jurisdiction, at } = event;
    return { accountId, currency, brand, jurisdiction, openedAt: at, limits: [], exclusion: null, revision };
  }
  assert(document !== undefined, `${event.type} for an account that was never opened`);
  switch (event.type) {
    case 'LimitSet':
      return { ...document, limits: withLimit(document.limits, event), revision };
    case 'SelfExcluded':
      return { ...document, exclusion: { until: event.until }, revision };
    case 'FreeBetGranted':
      return withFreeBets(document, event, revision);
    default:
      return unreachable(event);
  }
}

/** A bet that a token stakes takes it, and gives it back when it is void. */
function withFreeBets(document: AccountDocument, event: StatementEvent, revision: number): AccountDocument {
  return { ...document, freeBets: tokensAfter(document.freeBets ?? [], event), revision };
}

/** A looser limit waits in `next` beside the one in force; a limit that is gone and has no successor leaves the list. */
function withLimit(limits: readonly AccountLimit[], event: Extract<AccountEvent, { type: 'LimitSet' }>): readonly AccountLimit[] {
  const { kind, period, amountMinor, effectiveAt, at } = event;
  const before = limits.find((limit) => limit.kind === kind && limit.period === period);
  const others = limits.filter((limit) => limit !== before);
  const next = effectiveAt > at ? { amountMinor, effectiveAt } : null;
  const inForceMinor = next === null ? amountMinor : inForceAt(before, at);
  if (inForceMinor === null && next === null) return others;
  const nameOf = (limit: AccountLimit): string => `${limit.kind}/${limit.period}`;
  return [...others, { kind, period, amountMinor: inForceMinor, next }].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function inForceAt(limit: AccountLimit | undefined, at: string): number | null {
  if (limit === undefined) return null;
  return limit.next !== null && limit.next.effectiveAt <= at ? limit.next.amountMinor : limit.amountMinor;
}

function movesMoney(event: StatementEvent): event is MoneyEvent {
  return event.type !== 'AccountOpened' && event.type !== 'LimitSet' && event.type !== 'SelfExcluded' && event.type !== 'FreeBetGranted';
}

export const accountStatementProjection: Projection = {
  model: statement.accountStatement,
  versioning: 'revision',
  cachedCollections: [],
  unhashedFields: [],
  keysOf(event, { revision }) {
    if (!isHandled(handling, event)) return [];
    const shard = event.accountId;
    const account = { collection: statement.accountsCollection.name, shard, id: shard, isNew: event.type === 'AccountOpened' };
    if (!movesMoney(event)) return [account];
    const line = { collection: statement.statementLinesCollection.name, shard, id: statement.statementLineId(revision), isNew: true };
    return isOfFreeBet(event) ? [line, account] : [line];
  },
  project(target, document, event, { revision, values }) {
    assert(isHandled(handling, event), 'an ignored event touches no document');
    if (isOfFreeBet(event) && target.collection === statement.accountsCollection.name) {
      assert(document !== undefined, 'a free bet of an account that was never opened');
      return withFreeBets(statement.accountOf(document), event, revision);
    }
    if (movesMoney(event)) return projectLine(event, { revision, values: statement.statementValuesOf(values) });
    return projectAccount(document && statement.accountOf(document), event, { revision });
  },
  valuesAfter,
};
