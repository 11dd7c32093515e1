// Examples of what one person may do alone, and what waits for a second one.

import type { AccountEvent, AccountEventOf } from '@wagerline/shared-kernel/events/account-events';
import { scenarioOf } from '@wagerline/shared-kernel/testing/scenario';
import { betIdOf } from '@wagerline/shared-kernel/values/ids';
import { describe, expect, test } from 'vitest';
import type { Approve, Decline, LegVerdict, SettleBet, VoidBet } from './commands.ts';
import { accountDecider } from './decide.ts';
import { accountId, at, deposited, opened, placed, reversed, settle, settled, verdict, voided, why } from './samples.ts';

const given = scenarioOf(accountDecider);
const rich = [opened, deposited(100_000)];
const betId = betIdOf(accountId, 'b');
const won = settled('b', 1, 975, ['won']);
const open = settled('b', 1, 0, ['open']);
const trader = why.decidedBy;
const settler = { role: 'settler', id: 'settler-1' } as const;
const byHand: VoidBet = { type: 'VoidBet', betId, ...why, reason: 'by-hand', isOutcomeKnown: false, voidApprovalMinor: 500, at };
const asked: AccountEventOf<'BetVoidRequested'> = { type: 'BetVoidRequested', accountId, betId, reason: 'by-hand', decidedBy: trader, at };
const approve = (type: Approve['type'], approvedBy: Approve['approvedBy'] = settler): Approve => ({ type, betId, approvedBy, at });

const decline = (type: Decline['type'], declinedBy = settler): Decline => ({ type, betId, reason: 'no-grounds', declinedBy, at });

function judgedAs<Event extends { readonly legs: readonly object[] }>(event: Event, ...verdicts: readonly LegVerdict[]): Event {
  return { ...event, legs: event.legs.map((leg, index) => ({ ...leg, ...verdicts[index] })) };
}

describe('void by hand', () => {
  const stakeBack = judgedAs(voided(open, { settlement: 0 }), verdict('open', null));
  test('an open bet gets its stake back', () => given(...rich, placed('b')).when(byHand).then(stakeBack));
  test('a bet whose settlement was taken back', () => given(...rich, placed('b'), won, reversed(won)).when(byHand).then(voided(won)));
  test('stays void, whatever the feed says', () => {
    given(...rich, placed('b'), voided(won, { settlement: 0 })).when(settle('b', verdict('won', 99))).thenNothing();
  });
  test('for another reason, too', () => given(...rich, placed('b'), voided(won, { settlement: 0 })).when({ ...byHand, reason: 'other' }).thenNothing());
  test('a bet that was never placed', () => given(...rich).when(byHand).thenRefused('BET_NOT_FOUND', {}));

  test('after the outcome is known: a request, which the same person cannot approve', () => {
    given(...rich, placed('b')).when({ ...byHand, isOutcomeKnown: true }).then(asked);
    given(...rich, placed('b'), won).when(byHand).then(asked);
    given(...rich, placed('b'), won, asked).when(approve('ApproveVoid', { role: 'admin', id: trader.id })).thenRefused('APPROVAL_SAME_PERSON', {});
  });
  test('above the sum: a request', () => given(...rich, placed('b')).when({ ...byHand, voidApprovalMinor: 499 }).then(asked));
  test('a second person approves: the settlement is taken back first, and both name both', () => {
    const approved = { approvedBy: settler };
    given(...rich, placed('b'), won, asked)
      .when(approve('ApproveVoid'))
      .then({ ...reversed(won, 'by-hand'), ...approved }, { ...voided(won), ...approved });
  });
  test('nothing was requested', () => given(...rich, placed('b'), won).when(approve('ApproveVoid')).thenRefused('APPROVAL_NOT_PENDING', {}));
  test('a second person declines: the bet goes on, and may be asked for again', () => {
    const declined: AccountEvent = { type: 'BetVoidDeclined', accountId, betId, reason: 'no-grounds', requestedBy: trader, declinedBy: settler, at };
    given(...rich, placed('b'), won, asked).when(decline('DeclineVoid')).then(declined);
    given(...rich, placed('b'), won, asked, declined).when(approve('ApproveVoid')).thenRefused('APPROVAL_NOT_PENDING', {});
    given(...rich, placed('b'), asked, declined).when(settle('b', verdict('won'))).then(won);
    given(...rich, placed('b'), won, asked, declined).when(byHand).then(asked);
  });
  test('whoever asked does not decline, nor anybody where nothing waits', () => {
    const same = { ...decline('DeclineVoid'), declinedBy: trader };
    given(...rich, placed('b'), won, asked).when(same).thenRefused('APPROVAL_SAME_PERSON', {});
    given(...rich, placed('b'), won).when(decline('DeclineVoid')).thenRefused('APPROVAL_NOT_PENDING', {});
  });
  test('a request does not hold up results', () => {
    given(...rich, placed('b'), asked).when(settle('b', verdict('won'))).then(won);
  });
});

describe('a return above the sum', () => {
  const small = (...legs: readonly LegVerdict[]): SettleBet => ({ ...settle('b', ...legs), returnApprovalMinor: 974 });
  const { type: _, ...terms } = won;
  const held: AccountEventOf<'BetReturnHeld'> = { ...terms, type: 'BetReturnHeld' };
  test('waits: no money moves', () => given(...rich, placed('b')).when(small(verdict('won'))).then(held));
  test('of just the sum is paid', () => given(...rich, placed('b')).when({ ...small(verdict('won')), returnApprovalMinor: 975 }).then(won));
  test('is paid when a second person approves', () => {
    given(...rich, placed('b'), held).when(approve('ApproveReturn')).then({ ...won, approvedBy: settler });
  });
  test('not by the one who gave the result', () => {
    given(...rich, placed('b'), held).when(approve('ApproveReturn', trader)).thenRefused('APPROVAL_SAME_PERSON', {});
  });
  test('is not paid when a second person declines: a newer result decides, and asks again', () => {
    const { state: _s, returnExact: _e, returnMinor: _m, rounding: _r, ...rest } = held;
    const declined: AccountEvent = { ...rest, type: 'BetReturnDeclined', reason: 'no-grounds', decidedBy: settler };
    given(...rich, placed('b'), held).when(decline('DeclineReturn')).then(declined);
    given(...rich, placed('b'), held, declined).when(approve('ApproveReturn')).thenRefused('APPROVAL_NOT_PENDING', {});
    given(...rich, placed('b'), held, declined).when(small(verdict('won'))).thenNothing();
    given(...rich, placed('b'), held, declined).when(small(verdict('won', 8))).then(judgedAs(held, verdict('won', 8)));
    given(...rich, placed('b'), held).when({ ...decline('DeclineReturn'), declinedBy: trader }).thenRefused('APPROVAL_SAME_PERSON', {});
    given(...rich, placed('b')).when(decline('DeclineReturn')).thenRefused('APPROVAL_NOT_PENDING', {});
  });
  test('nothing waits', () => given(...rich, placed('b')).when(approve('ApproveReturn')).thenRefused('APPROVAL_NOT_PENDING', {}));
  test('a newer result replaces what waits', () => {
    const lost = judgedAs(settled('b', 1, 0, ['lost']), verdict('lost', 8));
    given(...rich, placed('b'), held).when(small(verdict('lost', 8))).then(lost);
  });
  test('no longer decided: nothing waits any more, and the approval is refused', () => {
    const taken = { ...judgedAs(held, verdict('open', 8)), state: 'open' as const, returnExact: '0/1', returnMinor: 0 };
    given(...rich, placed('b'), held).when(small(verdict('open', 8))).then(taken);
    given(...rich, placed('b'), held, taken).when(approve('ApproveReturn')).thenRefused('APPROVAL_NOT_PENDING', {});
    given(...rich, placed('b'), held, taken).when(small(verdict('won', 9))).then(judgedAs(held, verdict('won', 9)));
  });
  test('in the place of a smaller one: that is taken back, and the new one waits', () => {
    const lost = settled('b', 1, 0, ['lost']);
    const now = verdict('won', 8);
    given(...rich, placed('b'), lost).when(small(now)).then(judgedAs(reversed(lost), now), judgedAs({ ...held, settlement: 2 }, now));
  });
  test('once approved and confirmed it is not held again', () => {
    const paid = { ...won, approvedBy: settler };
    expect(given(...rich, placed('b'), paid).when(small(verdict('won', 8))).decision).toMatchObject({ events: [{ type: 'BetResultConfirmed' }] });
  });
});
