// Bets that are open although their fixtures ended some hours ago, and the market that each of them waits for. Called by the part that answers
// reports. A fixture that nobody has ended counts from its start.

import { settleBet } from '@wagerline/shared-kernel/betting/settle';
import { toMs } from '@wagerline/shared-kernel/values/time';
import type { BookMarket, OpenBet, SettlementBook } from './settlement-book.ts';

const msPerHour = 3_600_000;
/** Bets that are named one by one; all of them are counted. */
const listedMax = 1_000;

export type BlockingMarket = {
  readonly marketId: string;
  readonly fixtureId: string;
  readonly status: string;
  readonly isHeld: boolean;
  /** When the fixture ended, or started where nobody has ended it. */
  readonly since: string;
  readonly hasEnded: boolean;
  /** What somebody decided of it, and what a second person has not approved. */
  readonly decision: { readonly decisionId: string | null; readonly type: string; readonly requestedBy: string } | null;
  readonly bets: number;
};
export type Unsettled = {
  readonly bets: number;
  /** Decided by their results, and still open: parked, or about to be settled. */
  readonly unjudged: number;
  readonly markets: readonly BlockingMarket[];
  readonly listed: readonly { readonly betId: string; readonly accountId: string; readonly placedAt: string; readonly blockedBy: readonly string[] }[];
};

export function unsettledBets(book: SettlementBook, nowMs: number, hours: number): Unsettled {
  const overdueMs = nowMs - hours * msPerHour;
  const markets = new Map<string, BlockingMarket>();
  const listed: Unsettled['listed'][number][] = [];
  let bets = 0;
  let unjudged = 0;
  for (const bet of book.openBets.values()) {
    const isJudged = !settleBet({ ...bet, legs: book.legsAs(bet) }).decided;
    const blocking = isJudged ? blockingMarkets(book, bet, overdueMs) : [];
    if (isJudged && blocking.length === 0) continue;
    bets += 1;
    if (!isJudged) unjudged += 1;
    for (const market of blocking) markets.set(market.marketId, { ...market, bets: (markets.get(market.marketId)?.bets ?? 0) + 1 });
    const { betId, accountId, placedAt } = bet;
    if (listed.length < listedMax) listed.push({ betId, accountId, placedAt, blockedBy: blocking.map(({ marketId }) => marketId) });
  }
  return { bets, unjudged, markets: [...markets.values()].toSorted((a, b) => b.bets - a.bets || (a.marketId < b.marketId ? -1 : 1)), listed };
}

/** Non-runners and starting prices alone decide nothing of those who run. */
function isResulted({ known }: BookMarket): boolean {
  return known?.results === null || Object.keys(known?.results ?? {}).length > 0;
}

function blockingMarkets(book: SettlementBook, bet: OpenBet, overdueMs: number): readonly BlockingMarket[] {
  const found = new Map<string, BlockingMarket>();
  for (const leg of bet.legs) {
    const { late } = leg;
    const marketId = book.marketOf(bet, leg);
    const market = book.markets.get(marketId);
    if (late || market === undefined || isResulted(market)) continue;
    const fixture = book.fixtures.get(market.fixtureId);
    const since = fixture?.endedAt ?? fixture?.startsAt;
    if (since === undefined || toMs(since) > overdueMs) continue;
    const { fixtureId, status, isHeld, decision: waits } = market;
    const decision = waits === undefined ? null : { decisionId: waits.decisionId, type: waits.decision.type, requestedBy: waits.requestedBy.id };
    found.set(marketId, { marketId, fixtureId, status, isHeld, since, hasEnded: fixture?.endedAt !== undefined, decision, bets: 0 });
  }
  return [...found.values()];
}
