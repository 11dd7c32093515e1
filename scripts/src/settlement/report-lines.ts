// What the settlement tool says for people: the same as its JSON, in rows. Called by settlement.ts.

import { formatAmount, isCurrency } from '@wagerline/shared-kernel/values/money';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import { z } from 'zod';

const progress = z.object({
  openBets: z.int(),
  judged: z.int(),
  waiting: z.int(),
  settledPerSecond: z.int(),
  etaSeconds: z.int().nullable(),
  parkedCount: z.int(),
  heldMarkets: z.array(z.object({ marketId: z.string(), hasResult: z.boolean() })),
});
const sum = z.object({ settled: z.int(), stillOpen: z.int(), stakeMinor: z.int(), returnMinor: z.int() });
const preview = z.object({
  marketId: z.string(),
  status: z.string(),
  isHeld: z.boolean(),
  openBets: z.int(),
  outcomes: z.array(z.object({ outcome: z.string(), byCurrency: z.record(z.string(), sum) })),
});
const overdue = z.object({
  bets: z.int(),
  unjudged: z.int(),
  markets: z.array(
    z.object({
      marketId: z.string(),
      status: z.string(),
      isHeld: z.boolean(),
      since: z.string(),
      hasEnded: z.boolean(),
      decision: z.object({ type: z.string(), requestedBy: z.string() }).nullable(),
      bets: z.int(),
    }),
  ),
});
const replay = z.object({
  position: z.int(),
  bets: z.int(),
  newer: z.int(),
  repaired: z.int(),
  balancesDiffering: z.int(),
  differences: z.array(z.object({ betId: z.string(), accountId: z.string(), paid: z.string(), replayed: z.string() })),
});

export function progressLines(body: JsonObject): readonly string[] {
  const { openBets, judged, waiting, settledPerSecond, etaSeconds, parkedCount, heldMarkets } = progress.parse(body);
  const eta = etaSeconds === null ? 'nobody knows when' : `${etaSeconds} s to go`;
  return [
    `open     ${openBets}`,
    `judged   ${judged} since the start`,
    `waiting  ${waiting}, ${eta}`,
    `rate     ${settledPerSecond} a second`,
    `parked   ${parkedCount}`,
    `held     ${heldMarkets.length} markets`,
    ...heldMarkets.map(({ marketId, hasResult }) => `  ${marketId}${hasResult ? ', a result waits' : ''}`),
  ];
}

export function outcomeLines(body: JsonObject): readonly string[] {
  const { marketId, status, isHeld, openBets, outcomes } = preview.parse(body);
  const rows = outcomes.flatMap(({ outcome, byCurrency }) =>
    Object.entries(byCurrency).map(([currency, { settled, stillOpen, stakeMinor, returnMinor }]) => {
      const money = (minor: number): string => (isCurrency(currency) ? formatAmount(minor, currency) : `${minor}`);
      const amounts = `staked ${money(stakeMinor)}, returned ${money(returnMinor)}, house ${money(stakeMinor - returnMinor)} ${currency}`;
      return `  ${outcome.padEnd(12)} ${settled} bets settled, ${stillOpen} still open: ${amounts}`;
    }),
  );
  return [`${marketId}: ${status}${isHeld ? ', settlement held' : ''}, ${openBets} open bets`, ...rows];
}

export function unsettledLines(body: JsonObject, hours: number): readonly string[] {
  const { bets, unjudged, markets } = overdue.parse(body);
  return [
    `${bets} bets are open ${hours} hours after a fixture's end`,
    ...markets.map(({ marketId, status, isHeld, since, hasEnded, decision, bets: waiting }) => {
      const waits = decision === null ? '' : `, ${decision.type} by ${decision.requestedBy} waits for a second person`;
      return `  ${marketId}: ${waiting} bets, ${status}${isHeld ? ', settlement held' : ''}${waits}, ${hasEnded ? 'ended' : 'started and not ended'} ${since}`;
    }),
    ...(unjudged > 0 ? [`  ${unjudged} bets have all their results and are not settled: see npm run settlement -- status`] : []),
  ];
}

export function replayLines(body: JsonObject): readonly string[] {
  const { position, bets, newer, repaired, balancesDiffering, differences } = replay.parse(body);
  return [
    `${bets} bets settled from zero up to position ${position}${newer > 0 ? `; ${newer} have changed meanwhile and were not compared` : ''}`,
    ...differences.map(({ betId, accountId, paid, replayed }) => `  DIFFERS ${betId} of ${accountId}: paid ${paid}, replayed ${replayed}`),
    ...(repaired > 0 ? [`${repaired} bets were settled now`] : []),
    `${differences.length} differences, ${balancesDiffering} balances differ`,
  ];
}
