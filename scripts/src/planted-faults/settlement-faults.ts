// Planted faults in the settlement job: each a small change of one source file, as somebody could make it by mistake. Used by mutants.ts on
// a copy of the sources, never on the tree itself. Every one must find its text exactly once, and turn a test red.

import type { Mutant } from './betting-faults.ts';

const folder = 'command-side/src/settlement';
const account = 'command-side/src/account';

export const settlementMutants: readonly Mutant[] = [
  { name: 'settlement-id-from-content', says: "a settlement's id is made of its results, not of their place in history", file: `${folder}/slot.ts`,
    find: "verdict.resultRevision ?? ''", replace: 'verdict.result' },
  { name: 'first-page-only', says: 'a market settles the first page of its bets', file: `${folder}/slot.ts`,
    find: 'if (bets.length < betsReadMax) return true;', replace: 'return true;' },
  { name: 'parked-gets-the-newest-alone', says: 'a bet that was parked gets the newest verdict alone', file: `${folder}/slot.ts`,
    find: 'return newsThrough(bet, position, resultsOf);', replace: 'return newsThrough(bet, position, resultsOf).slice(-1);' },
  { name: 'failure-passes-the-checkpoint', says: 'a result is passed although its index has lost its end', file: `${folder}/slot.ts`,
    find: 'if (this.#work.index.position() < position) return false;', replace: '' },
  { name: 'result-before-its-position', says: 'a result counts from the position after its own', file: `${folder}/judge.ts`,
    find: 'result.position <= position', replace: 'result.position < position' },
  { name: 'late-leg-stands', says: 'a late leg stands with its market', file: `${folder}/judge.ts`, find: 'if (leg.late) return late;', replace: '' },
  { name: 'lost-leg-waits', says: 'a bet with a lost leg waits for its open ones', file: `${folder}/judge.ts`,
    find: "verdict.result === 'open') && !verdicts.some(", replace: "verdict.result === 'open') && ![].some(" },
  { name: 'reopened-bet-is-no-news', says: 'a bet that is undecided again keeps its settlement', file: `${folder}/judge.ts`,
    find: 'if (isUndecided(now) && (before === undefined || isUndecided(before)) && !isRepriced(now, before)) return undefined;',
    replace: 'if (isUndecided(now)) return undefined;' },
  { name: 'in-play-is-late', says: 'an in-play leg is late once its fixture has started', file: `${folder}/index-log.ts`,
    find: '(!inPlay && index.hasFixtureStarted(fixtureId))', replace: 'index.hasFixtureStarted(fixtureId)' },
  { name: 'suspended-is-open', says: 'a bet on a suspended market stands', file: `${folder}/index-log.ts`,
    find: "case 'MarketSuspended':\n    case 'MarketClosed':", replace: "case 'MarketSuspended':\n      return undefined;\n    case 'MarketClosed':" },
  { name: 'lease-taken-too-early', says: 'a silent holder loses its slots before its time', file: `${folder}/leases.ts`,
    find: '>= this.#options.leaseTakeoverMs', replace: '>= this.#options.leaseTakeoverMs - 1' },
  { name: 'checkpoint-not-kept', says: 'a slot leaves the checkpoint that it found', file: `${folder}/leases.ts`,
    find: 'checkpoint: state.checkpoint, parked };', replace: 'checkpoint: lease.data.checkpoint, parked };' },
  { name: 'lease-not-released', says: 'a worker that stops keeps its slots', hangs: true, file: `${folder}/leases.ts`,
    find: 'await this.#write(ours, null);', replace: 'await this.#write(ours, this.#holder);' },
  { name: 'more-than-the-room', says: 'commands in flight have no bound', file: `${folder}/in-flight.ts`,
    find: 'this.count === 0 || this.count + count <= this.#max', replace: 'true' },
  { name: 'cancel-undoes-early-payout', says: 'a cancelled window takes an early payout back', file: `${folder}/judge.ts`,
    find: ' && verdict.paidEarly === undefined && { cancelled }', replace: ' && { cancelled }' },
  { name: 'open-bet-not-repriced', says: 'an open bet is not told that its odds were corrected', file: `${folder}/judge.ts`,
    find: ' && !isRepriced(now, before)', replace: '' },
  { name: 'wrong-price-closes', says: 'a market whose price was wrong counts as closed', file: `${folder}/index-log.ts`,
    find: '(keepsOpen.has(fact.event.type) && index.isMarketOpen(fact.marketId))', replace: 'false' },
  { name: 'declined-return-counts', says: 'a return that was declined counts as a settlement', file: `${account}/settle-bet.ts`,
    find: " || bet.type === 'BetReturnDeclined' ? bet.settlement", replace: ' ? bet.settlement' },
  { name: 'requester-declines', says: 'whoever wanted a void declines it', file: `${account}/approvals.ts`,
    find: 'if (requestedBy.id === declinedBy.id)', replace: 'if (false)' },
  { name: 'open-bet-repriced-each-time', says: 'an open bet is told again of odds that it knows', file: `${account}/settle-bet.ts`,
    find: 'if (!isRepriced(last.legs, legs)) return accept();', replace: '' },
  { name: 'held-market-settles', says: 'a result of a held market settles bets at once', file: `${folder}/index-log.ts`,
    find: 'entries.hold(fact.marketId);', replace: '' },
  { name: 'resumed-without-its-result', says: 'what came while a market was held is forgotten', hangs: true, file: `${folder}/index-log.ts`,
    find: 'if (entries.resume(fact.marketId, position, causeOf(recorded))) hasResults = true;', replace: '' },
];
