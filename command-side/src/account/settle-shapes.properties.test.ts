// Whatever its shape and results, what decide settles a bet at is what the arithmetic of the slip tool says of the same terms.

import { settle } from '@wagerline/shared-kernel/betting/settlement';
import type { LegResult } from '@wagerline/shared-kernel/betting/slip';
import { accepted, shapesOf } from '@wagerline/shared-kernel/betting/testing-terms';
import { fold } from '@wagerline/shared-kernel/decider';
import { formatRational } from '@wagerline/shared-kernel/values/rational';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountDecider } from './decide.ts';
import { deposited, opened, placeBet, settle as settleBet, slipLeg, verdict } from './samples.ts';

const seeded = { seed: 380_1270, numRuns: 400 };
const results = ['won', 'lost', 'push', 'void', 'half_won', 'half_lost', 'open'] as const satisfies readonly (LegResult | 'open')[];
const leg = fc.record({ odds: fc.integer({ min: 101, max: 900 }).map((n) => `${n}/100`), result: fc.constantFrom(...results) });
const bets = fc
  .array(leg, { minLength: 1, maxLength: 6 })
  .chain((legs) => fc.record({ legs: fc.constant(legs), shape: shapesOf(legs.length), unitStakeMinor: fc.integer({ min: 1, max: 999 }) }));

test('decide settles by the arithmetic', () => {
  fc.assert(
    fc.property(bets, ({ legs, shape, unitStakeMinor }) => {
      if (shape.type === 'bet-builder') throw new Error('no builder is placed');
      const slip = legs.map(({ odds }, index) => slipLeg(`m${index}`, { selection: { name: 'Liverpool', odds } }, odds));
      const account = fold(accountDecider, [opened, deposited(100_000_000)]);
      const limits = { openBetsMax: 1, stakeMinorMax: 100_000_000, returnMinorMax: Number.MAX_SAFE_INTEGER, linesMax: 10_000 };
      const [bet] = accountDecider.decide(placeBet('a', { legs: slip, shape, unitStakeMinor, limits }), account, () => undefined).events;
      if (bet?.type !== 'BetPlaced') throw new Error('the bet is placed');
      const verdicts = legs.map(({ result }) => verdict(result, result === 'open' ? null : 5));
      const { events } = accountDecider.decide(settleBet('a', ...verdicts), account, () => bet);

      const fixtures = slip.map(({ requestedOdds, offer }) => ({ odds: requestedOdds, fixture: offer.fixture.fixtureId }));
      const terms = { currency: 'GBP', unitStakeMinor, eachWay: false, shape, legs: fixtures, ruleSet: 'standard@1', rules: {} } as const;
      const { state, payout } = accepted(settle(terms, legs));
      const said = { state, returnExact: formatRational(payout.capped), returnMinor: Number(payout.rounded.n) };
      expect(events).toMatchObject(state === 'open' ? [] : [said]);
      expect(events.length).toBe(state === 'open' ? 0 : 1);
    }),
    seeded,
  );
});
