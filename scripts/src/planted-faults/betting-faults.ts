// Planted faults in the arithmetic of bets: each a small change of one source file, as somebody could make it by mistake. Used by mutants.ts
// on a copy of the sources, never on the tree itself. Every one must find its text exactly once, and turn a test red.

import type { Edit } from './faults.ts';

/** `hangs`: what it breaks is waited for, so a test that gives up is its red. */
export type Mutant = Edit & { readonly name: string; readonly says: string; readonly hangs?: true };

const folder = 'shared-kernel/src/betting';

const inLegs: readonly Mutant[] = [
  {
    name: 'rule4-after-dead-heat',
    says: 'Rule 4 reduces the price that the dead heat has divided already',
    file: `${folder}/legs.ts`,
    find: 'const price = terms.odds === startingPrice ? atStart : reducedPrice(exact(terms.odds), outcome.rule4Percent);',
    replace: `const heat = exact(outcome.winDeadHeat ?? '1');
  const heated = (): Rational => reducedPrice(reduced(times(exact(terms.odds), heat)), outcome.rule4Percent);
  const price = terms.odds === startingPrice ? atStart : reduced(times(heated(), { n: heat.d, d: heat.n }));`,
  },
  { name: 'place-part-with-win-dead-heat', says: 'the place part uses the dead heat of the win part', file: `${folder}/legs.ts`,
    find: 'placePrice(shown, leg.placeFraction), leg.placeDeadHeat]', replace: 'placePrice(shown, leg.placeFraction), leg.winDeadHeat]' },
  { name: 'place-part-at-full-price', says: 'the place part pays the win price', file: `${folder}/legs.ts`,
    find: '[placePrice(shown, leg.placeFraction), ', replace: '[shown, ' },
  { name: 'rule4-without-limit', says: 'the sum of deductions may be above 90 percent', file: `${folder}/legs.ts`,
    find: 'compare(sum, rule4Max) > 0 ? rule4Max : sum', replace: 'sum' },
  { name: 'rule4-on-the-stake', says: 'Rule 4 reduces the stake too', file: `${folder}/legs.ts`,
    find: 'reduced(plus(whole, times({ n: price.n - price.d, d: price.d }, { n: r.d - r.n, d: r.d })))',
    replace: 'reduced(times(price, { n: r.d - r.n, d: r.d }))' },
  { name: 'placed-wins', says: 'a placed leg wins the win part', file: `${folder}/legs.ts`,
    find: "if (result === 'placed' && part === 'win') return none;", replace: '' },
  { name: 'void-leg-keeps-its-place', says: 'a void leg can still be placed', file: `${folder}/legs.ts`,
    find: "outcome.result === 'void' ? 'void' : (outcome.placeResult ?? outcome.result)", replace: 'outcome.placeResult ?? outcome.result' },
  { name: 'half-lost-is-lost', says: 'a half lost leg loses the whole stake', file: `${folder}/legs.ts`,
    find: "if (result === 'half_lost') return voidFactor;", replace: "if (result === 'half_lost') return none;" },
  { name: 'best-odds-without-rule4', says: 'the starting price is compared before its Rule 4', file: `${folder}/legs.ts`,
    find: 'undefined ? undefined : reducedPrice(starting, startingDeductions)', replace: 'undefined ? undefined : starting' },
];

const inVerdicts: readonly Mutant[] = [
  { name: 'wrong-price-pays', says: 'a price that was a palpable error is paid', file: `${folder}/settle.ts`,
    find: 'return corrected?.odds ?? odds;', replace: 'return odds;' },
  { name: 'window-end-is-in', says: 'a bet that was struck at the end of the window of a wrong price is in it', file: `${folder}/leg-verdict.ts`,
    find: 'placedAtMs < toMs(until)', replace: 'placedAtMs <= toMs(until)' },
  { name: 'correction-of-later-bets', says: 'bets that were placed after a price was declared wrong are re-priced', file: `${folder}/leg-verdict.ts`,
    find: ' || error.position < position) return false;', replace: ') return false;' },
  { name: 'early-payout-of-later-bets', says: 'bets that were placed after an early payout have won', file: `${folder}/leg-verdict.ts`,
    find: 'early !== undefined && early.position > placedAt', replace: 'early !== undefined' },
  { name: 'void-undoes-early-payout', says: 'a void of the market takes an early payout back', file: `${folder}/leg-verdict.ts`,
    find: 'early !== undefined && early.position', replace: 'early !== undefined && results !== null && early.position' },
  { name: 'result-forgets-what-lasts', says: 'a result forgets wrong prices and early payouts', file: `${folder}/result-after.ts`,
    find: 'return withDetails(results, { ...lasting, ...selectionsOf(event.results) });',
    replace: 'return withDetails(results, selectionsOf(event.results));' },
];

const inPlans: readonly Mutant[] = [
  { name: 'folds-count-bankers', says: 'folds count the bankers', file: `${folder}/plan.ts`,
    find: 'folds: shape.folds.toSorted((a, b) => a - b) }', replace: 'folds: shape.folds.map((fold) => fold - bankers.length).toSorted((a, b) => a - b) }' },
  { name: 'board-without-a-diagonal', says: 'a union jack plays a diagonal twice', file: `${folder}/plan.ts`, find: '[2, 4, 6]', replace: '[0, 4, 8]' },
  { name: 'about-one-way', says: 'stakes about plays each pair in one direction', file: `${folder}/plan.ts`,
    find: 'legs.filter((leg) => leg !== first).map((other)', replace: 'legs.filter((leg) => leg > first).map((other)' },
  { name: 'carry-everything', says: 'an any-to-come line carries the whole return', file: `${folder}/carry.ts`,
    find: 'min(first, rational(BigInt(carry.stakes)))', replace: 'first' },
  { name: 'pooled-carries-one-stake', says: 'a pooled each-way return carries one stake instead of two', file: `${folder}/carry.ts`,
    find: 'const carried = min(returned, multiply(two, stakes));', replace: 'const carried = min(returned, stakes);' },
  { name: 'fold-off-by-one', says: 'a system sums the folds one shorter', file: `${folder}/plan-sums.ts`,
    find: 'for (const fold of folds) numerator += coefficients[fold] ?? 0n;\n  }\n  return',
    replace: 'for (const fold of folds) numerator += coefficients[fold - 1] ?? 0n;\n  }\n  return' },
  { name: 'related-lines-stay', says: 'the lines of related legs are summed where they should be left out', file: `${folder}/plan-sums.ts`,
    find: 'independent(conflicts, factors, others & ~excluded, known)', replace: 'independent(conflicts, factors, others, known)' },
  { name: 'equally-divided-by-one', says: 'an equally divided line has one stake', file: `${folder}/line-amounts.ts`,
    find: "return [{ part: 'both', factors: halves, stakes: 2 }];", replace: "return [{ part: 'both', factors: halves, stakes: 1 }];" },
  { name: 'free-bet-below-nothing', says: 'a losing line of a free bet takes its stake from the others', file: `${folder}/line-amounts.ts`,
    find: 'return isAbove(units, stake) ? plus(units, { n: -stake.n, d: 1n }) : none;', replace: 'return plus(units, { n: -stake.n, d: 1n });' },
  { name: 'builder-void-below-stake', says: 'a builder with a void leg may return less than its stake', file: `${folder}/builder.ts`,
    find: 'voids > 0 && !halves && compare(left, whole) < 0 ? whole : left', replace: 'left' },
  { name: 'void-all-lost-first', says: 'a lost leg decides a void-all builder before its open ones', file: `${folder}/builder.ts`,
    find: "if (open && (!isLost || builder.policy === 'void-all')) return 'open';", replace: "if (open && !isLost) return 'open';" },
];

const inSums: readonly Mutant[] = [
  { name: 'bonus-on-the-return', says: 'a bonus is a percentage of the return instead of the winnings', file: `${folder}/bonuses.ts`,
    find: 'return reduced(plus(returned, { n: BigInt(-plan.lineCount), d: 1n }));', replace: 'return reduced(returned);' },
  { name: 'one-winner-without-dead-heat', says: 'the bonus for the only winner forgets its dead heat', file: `${folder}/bonuses.ts`,
    find: 'multiply(leg.winDeadHeat, subtract(leg.price, rational(1n)))', replace: 'subtract(leg.price, rational(1n))' },
  { name: 'one-winner-pays-all', says: 'a multiplier pays the winnings once more', file: `${folder}/bonuses.ts`,
    find: 'subtract(exact(rule.multiplier), rational(1n))', replace: 'exact(rule.multiplier)' },
  { name: 'half-won-is-a-winner', says: 'a half won leg counts for the bonuses', file: `${folder}/bonuses.ts`,
    find: "return result === 'won' || result === 'open';", replace: "return result === 'won' || result === 'half_won' || result === 'open';" },
  { name: 'boost-counts-voids', says: 'the boost counts void legs', file: `${folder}/bonuses.ts`,
    find: "line.filter((index) => legs[index]?.result !== 'void' && legs[index]?.result !== 'push').length", replace: 'line.length' },
  { name: 'capped-void-refund', says: 'the cap takes from a bet that is void', file: `${folder}/settlement.ts`,
    find: 'rules.returnCap === undefined || is.isVoid ?', replace: 'rules.returnCap === undefined ?' },
  { name: 'bonus-while-open', says: 'a bonus is certain while the bet is open', file: `${folder}/settlement.ts`,
    find: 'is.isOpen ? [] : bonusesOf(bet, legs)', replace: 'bonusesOf(bet, legs)' },
  { name: 'bonus-above-the-cap', says: 'the bonus comes on top of the cap', file: `${folder}/settlement.ts`,
    find: 'const capped = cap === undefined ? uncapped : min(uncapped, cap);',
    replace: 'const capped = cap === undefined ? uncapped : add(min(base, cap), extra);' },
  { name: 'bonus-without-limit', says: 'bonuses have no limit', file: `${folder}/settlement.ts`,
    find: 'rules.bonusMax === undefined ? promised : min(promised, minorOf(bet, rules.bonusMax))', replace: 'promised' },
  { name: 'top-up-without-limit', says: 'the top-up of best odds has no limit', file: `${folder}/settlement.ts`,
    find: 'bet.rules.bestOddsTopUpMax === undefined ? better : min(better, minorOf(bet, bet.rules.bestOddsTopUpMax))', replace: 'better' },
  { name: 'lost-below-a-penny', says: 'a bet that returns less than a penny is lost', file: `${folder}/settlement.ts`,
    find: "payout.uncapped.n === 0n ? 'lost'", replace: "payout.rounded.n === 0n ? 'lost'" },
  { name: 'lines-not-rounded', says: 'rounding per line rounds the sum alone', file: `${folder}/settlement.ts`,
    find: '(units) => roundAmount(bet, inMinor(units))', replace: '(units) => inMinor(units)' },
  { name: 'between-two-bands', says: 'between two bands of Rule 4 the longer price counts', file: `${folder}/rule4.ts`,
    find: 'table.bands.findLast(({ from }) => compare(oddsOf(from), fraction) <= 0)',
    replace: 'table.bands.find(({ to }) => compare(fraction, oddsOf(to)) <= 0)' },
  { name: 'quarter-line-pushes', says: 'a quarter away from the line pushes the whole stake', file: `${folder}/market-kinds.ts`,
    find: "if (quarters === 1) return 'half_won';", replace: "if (quarters === 1) return 'push';" },
];

const inResults: readonly Mutant[] = [
  { name: 'any-successor-moves', says: 'a leg moves although one of its cancels names no season', file: `${folder}/results/market-results.ts`,
    find: 'seasons.length < active.length ? null : ', replace: '' },
  { name: 'successor-alone-is-newer', says: 'what a successor says outweighs what is newer of the market itself', file: `${folder}/leg-vector.ts`,
    find: '[resultRevision, ...movedTo.revisions]', replace: '[...movedTo.revisions, resultRevision]' },
  { name: 'window-closed-at-its-end', says: 'a cancel window takes the bet on its end', file: `${folder}/results/market-results.ts`,
    find: 'acceptedAtMs < endMs', replace: 'acceptedAtMs <= endMs' },
  { name: 'window-open-at-its-start', says: 'a cancel window leaves the bet on its start', file: `${folder}/results/market-results.ts`,
    find: 'startMs <= acceptedAtMs', replace: 'startMs < acceptedAtMs' },
  {
    name: 'cancel-lost-to-a-later-settlement',
    says: 'a settlement that comes after a cancel pays',
    file: `${folder}/results/market-results.ts`,
    find: "({ type, startMs, endMs, supercededBy }) => (type === 'cancel' ?",
    replace: `({ type, startMs, endMs, supercededBy, timestampMs }) => (
    type === 'cancel' && !messages.some((later) => later.type === 'settlement' && later.timestampMs > timestampMs) ?`,
  },
  { name: 'rollback-of-any-window', says: 'a rollback of one window gives back every other', file: `${folder}/results/market-results.ts`,
    find: "`${message.startMs ?? ''},${message.endMs ?? ''}`", replace: "''" },
  { name: 'rollback-takes-its-own-time', says: 'a rollback drops the settlement of its own timestamp', file: `${folder}/results/market-results.ts`,
    find: 'timestampMs < rolledBackMs', replace: 'timestampMs <= rolledBackMs' },
  { name: 'rollback-of-one-takes-all', says: 'a rollback of one selection takes back the whole market', file: `${folder}/results/market-results.ts`,
    find: 'outcomes.length === 0 || outcomes.some((outcome) => outcome.selection === selection)', replace: 'outcomes.length >= 0' },
  { name: 'newest-beats-certainty', says: 'a newer result outweighs a more certain one', file: `${folder}/results/market-results.ts`,
    find: 'certainty - best.certainty || timestampMs - best.timestampMs', replace: 'timestampMs - best.timestampMs' },
  { name: 'confirmed-is-a-settlement', says: 'the same outcome again is a reversal and a settlement', file: `${folder}/results/bet-history.ts`,
    find: 'if (wasDecided && isDecided && isSame(history.now, now)) return history;', replace: '' },
  { name: 'manual-below-the-feed', says: 'a manual decision does not outrank the feed', file: `${folder}/results/register.ts`,
    find: 'if (leg.manual !== undefined) return leg.manual;', replace: '' },
];

const inRuleSets: readonly Mutant[] = [
  { name: 'hours-of-every-competition', says: 'a competition with hours of its own has those of all others', file: `${folder}/rule-sets.ts`,
    find: '(competitions[competition] ?? others)', replace: 'others' },
  { name: 'unplayed-a-moment-late', says: 'a fixture may start a moment after its hours are over', file: `${folder}/rule-sets.ts`,
    find: 'startsAt) <= unplayedUntil', replace: 'startsAt) < unplayedUntil' },
  { name: 'ante-post-non-runner-void', says: 'an ante-post bet on a non-runner gets its stake back', file: `${folder}/leg-verdict.ts`,
    find: 'if (leg.antePost === true && detail.withdrawn === true)', replace: 'if (false)' },
  { name: 'ante-post-takes-rule-4', says: 'an ante-post bet on the winner is paid less for a non-runner', file: `${folder}/leg-verdict.ts`,
    find: ' && leg.antePost !== true &&', replace: ' &&' },
];

export const bettingMutants: readonly Mutant[] = [...inLegs, ...inVerdicts, ...inPlans, ...inSums, ...inResults, ...inRuleSets];
