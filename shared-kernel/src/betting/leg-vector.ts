// How new the knowledge is that a leg was judged by: the revision of its market, then of every market that it has moved to. Called by the account, by
// the settlement job and by reports on it. One vector is newer than another in one order for ever, whatever the cancels and rollbacks in between.

import type { JudgedLeg } from '../events/account-events.ts';

type Known = { readonly resultRevision?: number | null; readonly movedTo?: JudgedLeg['movedTo'] };

/** Above 0: `a` is newer. A market that says another thing decides before those that follow it; one that was found since makes a leg newer. */
export function compareKnown(a: Known, b: Known): number {
  const [ours, theirs] = [vectorOf(a), vectorOf(b)];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1) {
    const difference = rank(ours[at]) - rank(theirs[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Equal texts are equal knowledge. */
export function vectorText(legs: readonly Known[]): string {
  return legs.map((leg) => vectorOf(leg).map((revision) => revision ?? '').join('>')).join(',');
}

function vectorOf({ resultRevision = null, movedTo }: Known): readonly (number | null)[] {
  return movedTo === undefined ? [resultRevision] : [resultRevision, ...movedTo.revisions];
}

/** A market without a result is less than any result of it, and more than no market. */
function rank(revision: number | null | undefined): number {
  return revision === undefined ? -2 : (revision ?? -1);
}
