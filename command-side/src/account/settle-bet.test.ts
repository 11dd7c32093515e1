// Examples of what results make of a bet: settled, taken back, settled anew, or nothing at all.

import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { describe, expect, test } from 'vitest';
import type { LegVerdict } from './commands.ts';
import { accountDecider } from './decide.ts';
import { accountId, at, deposited, moneyKey, opened, placed, reversed, settle, settled, slipLeg, verdict } from './samples.ts';

const given = scenarioOf(accountDecider);
const rich = [opened, deposited(100_000)];
const double = placed('d', { returnMaxMinor: 1_901 }, [slipLeg('m1'), slipLeg('m2')]);
const lost = settled('b', 1, 0, ['lost']);
const won = settled('b', 1, 975, ['won']);

/** The same event with other results for its legs: [result, revision] each. */
function judged<Event extends AccountEventOf<'BetSettled' | 'BetSettlementReversed' | 'BetVoided'>>(event: Event, ...verdicts: readonly LegVerdict[]): Event {
  return { ...event, legs: event.legs.map((leg, index) => ({ ...leg, ...verdicts[index] })) };
}

function confirmed(settlement: AccountEventOf<'BetSettled'>, ...verdicts: readonly LegVerdict[]): AccountEventOf<'BetResultConfirmed'> {
  const { rounding: _, reason: _reason, decidedBy: _by, ...rest } = judged(settlement, ...verdicts);
  return { ...rest, type: 'BetResultConfirmed' };
}

describe('a single', () => {
  test('that has won', () => given(...rich, placed('b')).when(settle('b', verdict('won'))).then(won));
  test('that has lost', () => given(...rich, placed('b')).when(settle('b', verdict('lost'))).then(lost));
  test('that is a push: settled, with the stake back', () => {
    given(...rich, placed('b')).when(settle('b', verdict('push'))).then(settled('b', 1, 500, ['push']));
  });
  test('that is void', () => given(...rich, placed('b')).when(settle('b', verdict('void'))).then(settled('b', 1, 500, ['void'])));
  test('half of which has lost', () => given(...rich, placed('b')).when(settle('b', verdict('half_lost'))).then(settled('b', 1, 250, ['half_lost'])));
  test('half of which has won: rounded once, to the even penny', () => {
    // 500 x (1.95 + 1) / 2 = 737.5
    const half = { ...settled('b', 1, 738, ['half_won']), returnExact: '1475/2' };
    given(...rich, placed('b')).when(settle('b', verdict('half_won'))).then(half);
  });
  test('whose market has no result yet', () => given(...rich, placed('b')).when(settle('b', verdict('open', null))).thenNothing());
  test('that was late: void without any result', () => {
    const late = judged(settled('b', 1, 500, ['void']), verdict('void', null, true));
    given(...rich, placed('b')).when(settle('b', verdict('void', null, true))).then(late);
  });
  test('that was never placed', () => given(...rich).when(settle('b', verdict('won'))).thenRefused('BET_NOT_FOUND', {}));
});

describe('an accumulator', () => {
  test('with a leg open', () => given(...rich, double).when(settle('d', verdict('won'), verdict('open', null))).thenNothing());
  test('all of whose legs have won', () => {
    // 500 x 1.95^2 = 1901.25
    const both = { ...settled('d', 1, 1_901, ['won', 'won']), returnMaxMinor: 1_901, returnExact: '7605/4' };
    given(...rich, double).when(settle('d', verdict('won'), verdict('won'))).then(both);
  });
  test('with one leg lost is lost at once', () => {
    const oneLost = judged({ ...settled('d', 1, 0, ['lost', 'open']), returnMaxMinor: 1_901 });
    given(...rich, double).when(settle('d', verdict('lost'), verdict('open', null))).then(oneLost);
  });
  test('with one late leg stands on the others', () => {
    const one = judged({ ...settled('d', 1, 975, ['void', 'won']), returnMaxMinor: 1_901 }, verdict('void', null, true), verdict('won'));
    given(...rich, double).when(settle('d', verdict('void', null, true), verdict('won'))).then(one);
  });
  test('with no leg left gives the stake back', () => {
    const none = judged({ ...settled('d', 1, 500, ['void', 'void']), returnMaxMinor: 1_901 }, verdict('void', null, true), verdict('void'));
    given(...rich, double).when(settle('d', verdict('void', null, true), verdict('void'))).then(none);
  });
  test('that was lost, and whose other leg ends later: confirmed', () => {
    const oneLost = { ...settled('d', 1, 0, ['lost', 'open']), returnMaxMinor: 1_901 };
    given(...rich, double, oneLost).when(settle('d', verdict('lost'), verdict('won', 7))).then(confirmed(oneLost, verdict('lost'), verdict('won', 7)));
  });
});

describe('knowledge that is not newer writes nothing', () => {
  test('equal in all legs', () => given(...rich, placed('b'), won).when(settle('b', verdict('won'))).thenNothing());
  test('equal, whatever it says: the vector decides', () => given(...rich, placed('b'), won).when(settle('b', verdict('lost'))).thenNothing());
  test('older', () => given(...rich, placed('b'), won).when(settle('b', verdict('lost', 4))).thenNothing());
  test('none where there was some', () => given(...rich, placed('b'), won).when(settle('b', verdict('open', null))).thenNothing());
  test('newer in one leg, older in another', () => {
    const settledDouble = { ...settled('d', 1, 0, ['lost', 'lost']), returnMaxMinor: 1_901 };
    given(...rich, double, settledDouble).when(settle('d', verdict('won', 9), verdict('won', 4))).thenNothing();
  });
  test('after a reversal, the vector that led to it', () => {
    const taken = judged(reversed(won), verdict('open', 6));
    given(...rich, placed('b'), won, taken).when(settle('b', verdict('won', 5))).thenNothing();
    given(...rich, placed('b'), won, taken).when(settle('b', verdict('open', 6))).thenNothing();
  });
});

describe('newer results', () => {
  test('the same outcome is confirmed', () => given(...rich, placed('b'), won).when(settle('b', verdict('won', 8))).then(confirmed(won, verdict('won', 8))));
  test('confirmed, and confirmed again', () => {
    const once = confirmed(won, verdict('won', 8));
    given(...rich, placed('b'), won, once).when(settle('b', verdict('won', 9))).then(confirmed(won, verdict('won', 9)));
    given(...rich, placed('b'), won, once).when(settle('b', verdict('won', 8))).thenNothing();
  });
  test('another outcome: reversal and settlement in one', () => {
    const now = verdict('lost', 8);
    given(...rich, placed('b'), won).when(settle('b', now)).then(judged(reversed(won), now), judged(settled('b', 2, 0, ['lost']), now));
  });
  test('after a confirmation the settlement in force is reversed', () => {
    const now = verdict('lost', 9);
    given(...rich, placed('b'), won, confirmed(won, verdict('won', 8)))
      .when(settle('b', now))
      .then(judged(reversed(won), now), judged(settled('b', 2, 0, ['lost']), now));
  });
  test('void and push return the same, and are two outcomes', () => {
    const push = settled('b', 1, 500, ['push']);
    const now = verdict('void', 8);
    given(...rich, placed('b'), push).when(settle('b', now)).then(judged(reversed(push), now), judged(settled('b', 2, 500, ['void']), now));
  });
  test('no longer decided: the reversal alone, and then the next settlement', () => {
    const oneLost = { ...settled('d', 1, 0, ['lost', 'open']), returnMaxMinor: 1_901 };
    const corrected = [verdict('won', 8), verdict('open', null)];
    const taken = judged(reversed(oneLost), ...corrected);
    given(...rich, double, oneLost).when(settle('d', ...corrected)).then(taken);
    const both = [verdict('won', 8), verdict('won', 5)];
    const again = judged({ ...settled('d', 2, 1_901, ['won', 'won']), returnMaxMinor: 1_901, returnExact: '7605/4' }, ...both);
    given(...rich, double, oneLost, taken).when(settle('d', ...both)).then(again);
  });
  test('a bet void through its market follows the market', () => {
    const void1 = settled('b', 1, 500, ['void']);
    const now = verdict('won', 8);
    given(...rich, placed('b'), void1).when(settle('b', now)).then(judged(reversed(void1), now), judged(settled('b', 2, 975, ['won']), now));
  });
  test('a late leg stays void, whatever is said later', () => {
    const late = judged(settled('b', 1, 500, ['void']), verdict('void', null, true));
    given(...rich, placed('b'), late).when(settle('b', verdict('won', 8))).then(confirmed(late, verdict('void', 8, true)));
  });
  test('a balance may fall below zero', () => {
    const withdrawn: AccountEvent = { type: 'FundsWithdrawn', at, accountId, amountMinor: 975, currency: 'GBP', ...moneyKey('w') };
    const now = verdict('lost', 8);
    given(opened, deposited(500), placed('b'), won, withdrawn)
      .when(settle('b', now))
      .then(judged(reversed(won), now), judged(settled('b', 2, 0, ['lost']), now));
  });
});

test('a verdict for every leg, or the program is wrong', () => {
  expect(() => given(...rich, double).when(settle('d', verdict('won')))).toThrow('a verdict for every leg');
});

describe('corrected odds', () => {
  const corrected = { odds: '3/2', reason: 'wrong-decimal' };
  const at5 = (result: LegVerdict['result'], resultRevision = 5): LegVerdict => ({ ...verdict(result, resultRevision), corrected });
  const cheap = judged(settled('b', 1, 750, ['won']), at5('won'));
  const told: AccountEvent = {
    ...moneyless(settled('d', 1, 0, ['open', 'open'])), type: 'BetRepriced', settlement: 0, reason: 'result', decidedBy: cheap.decidedBy,
    returnMaxMinor: 1_901, legs: [{ ...leg(0), resultRevision: 5, corrected }, leg(1)],
  };
  function moneyless({ state: _s, returnExact: _e, returnMinor: _m, rounding: _r, ...rest }: AccountEventOf<'BetSettled'>) {
    return rest;
  }
  function leg(index: number) {
    const found = settled('d', 1, 0, ['open', 'open']).legs[index];
    if (found === undefined) throw new Error('a double has two legs');
    return found;
  }
  test('settle the bet, which keeps those that it was struck at', () => given(...rich, placed('b')).when(settle('b', at5('won'))).then(cheap));
  test('of a settled bet: taken back and settled again', () => {
    const again = judged({ ...cheap, settlement: 2 }, at5('won', 8));
    given(...rich, placed('b'), won).when(settle('b', at5('won', 8))).then(judged(reversed(won), at5('won', 8)), again);
  });
  test('of a bet that has lost move no money', () => {
    given(...rich, placed('b'), lost).when(settle('b', at5('lost', 8))).then(confirmed(lost, at5('lost', 8)));
  });
  test('of an open bet are told at once, and once', () => {
    given(...rich, double).when(settle('d', at5('open'), verdict('open', null))).then(told);
    given(...rich, double, told).when(settle('d', at5('open', 8), verdict('open', null))).thenNothing();
  });
  test('are none of a leg that was late', () => {
    given(...rich, placed('b')).when(settle('b', { ...at5('won'), late: true })).then(judged(settled('b', 1, 500, ['void']), verdict('void', 5, true)));
  });
});

test('a leg that was paid early keeps the rule by which it was, through every later result', () => {
  const early = { ...verdict('won'), paidEarly: 'two-goals-ahead' };
  given(...rich, placed('b')).when(settle('b', early)).then(judged(won, early));
  const later = { ...early, resultRevision: 9 };
  given(...rich, placed('b'), judged(won, early)).when(settle('b', later)).then(confirmed(judged(won, early), later));
});

describe('a fixture that was not played in time', () => {
  // Struck on 9 August, 19:00, in E0.
  const unplayed = (until: string, result: LegVerdict['result'] = 'open'): LegVerdict => ({ ...verdict(result), unplayedUntil: until });
  const after24 = unplayed('2019-08-10T19:00:00.000Z');
  const after48 = unplayed('2019-08-11T19:00:00.000Z');
  const within = (result: 'void' | 'lost'): AccountEventOf<'BetSettled'> => settled('b', 1, result === 'void' ? 500 : 0, [result]);

  test('makes its leg void by the hours of the rule set that the bet was struck under', () => {
    given(...rich, placed('b')).when(settle('b', after24)).thenNothing();
    given(...rich, placed('b')).when(settle('b', after48)).then(within('void'));
    const ruleSet = 'competition-hours@1';
    given(...rich, placed('b', { ruleSet })).when(settle('b', after24)).then({ ...within('void'), ruleSet });
  });
  test('makes it void whatever result came afterwards, and for ever', () => {
    given(...rich, placed('b')).when(settle('b', unplayed('2019-08-11T19:00:00.000Z', 'won'))).then(within('void'));
    const again = confirmed(within('void'), verdict('void', 6));
    given(...rich, placed('b'), within('void')).when(settle('b', { ...unplayed('2019-08-11T19:00:00.000Z', 'won'), resultRevision: 6 })).then(again);
  });
  test('is nothing to a bet that was struck on the later date', () => {
    const legs = placed('b').legs.map((leg) => ({ ...leg, startsAt: '2019-08-20T19:00:00.000Z' }));
    const stands = { ...within('lost'), legs: within('lost').legs.map((leg) => ({ ...leg, startsAt: '2019-08-20T19:00:00.000Z' })) };
    given(...rich, placed('b', { legs })).when(settle('b', unplayed('2019-08-11T19:00:00.000Z', 'lost'))).then(stands);
  });
});
