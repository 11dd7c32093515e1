// What a season came to: numbers of everything, what does not add up, and the same as a table. Pure. Called by season.ts and its tests.
// The same seed gives the same report; what differs from run to run stands under `timing` alone.

import { scoredKinds } from '@wagerline/shared-kernel/betting/market-kinds';
import type { JsonObject } from '@wagerline/shared-kernel/values/json';
import type { BetOptions } from './bets.ts';
import type { Incident } from './incident.ts';
import { isOpeningQuarterLine, type SeasonPlan } from './plan.ts';
import type { PlayedSeason, Timing } from './play.ts';
import type { BadRow } from './samples.ts';
import { marginOf, sizeOf, sizes, type Money, type Tally } from './tally.ts';

export type Verified = { readonly ok: boolean; readonly sums: JsonObject; readonly findings: readonly string[] };

export type SeasonReport = {
  readonly seed: number;
  readonly bettors: number;
  readonly fixtures: number;
  readonly markets: number;
  readonly badRows: readonly BadRow[];
  /** Markets at a quarter line when they opened; those with an accepted single on either side. */
  readonly quarterLines: { readonly opening: number; readonly betOnBothSides: number };
  readonly bets: Readonly<Record<'placed' | 'accepted' | 'refused' | 'settled' | 'void' | 'open', number>>;
  readonly refusals: Readonly<Record<string, number>>;
  readonly bySize: Readonly<Record<string, Money & { readonly placed: number }>>;
  readonly byMarket: Readonly<Record<string, { readonly legs: number; readonly singles: Money }>>;
  readonly turnoverMinor: number;
  readonly returnsMinor: number;
  readonly marginMinor: number;
  readonly marginPercent: string;
  /** Minor units per currency: read from the statements of the season's bettors, and proved over the whole log. */
  readonly ledger: { readonly statements: Tally['ledger']; readonly log: JsonObject };
  readonly incidents: readonly Incident[];
  /** Empty = everything adds up. */
  readonly findings: readonly string[];
  readonly timing: Timing & { readonly readBackSeconds: number };
};

export type ReportInput = {
  readonly plan: SeasonPlan;
  readonly badRows: readonly BadRow[];
  readonly options: BetOptions;
  readonly played: PlayedSeason;
  readonly tally: Tally;
  readonly verified: Verified;
  readonly incidents: readonly Incident[];
  readonly readBackSeconds: number;
};

export function seasonReport(input: ReportInput): SeasonReport {
  const { plan, options, played, tally, incidents } = input;
  const { placed } = played;
  const refused = placed.filter((bet) => bet.code !== undefined);
  const quarterLines = plan.markets.filter(isOpeningQuarterLine);
  const both = quarterLines.filter(({ marketId, opening = [] }) => opening.every(({ selectionId }) => tally.singleSides.has(`${marketId} ${selectionId}`)));
  const { accepted: there, stakeMinor, returnMinor } = tally.total;
  return {
    seed: options.seed,
    bettors: options.bettors,
    fixtures: plan.fixtures.length,
    markets: played.marketsOpened,
    badRows: input.badRows,
    quarterLines: { opening: quarterLines.length, betOnBothSides: both.length },
    bets: { placed: placed.length, accepted: placed.length - refused.length, refused: refused.length, ...tally.byStatus },
    refusals: counted(refused.map((bet) => bet.code ?? '')),
    bySize: Object.fromEntries(
      sizes.map((size) => [size, { placed: placed.filter(({ bet }) => sizeOf(bet.legs.length) === size).length, ...tally.bySize[size] }]),
    ),
    byMarket: Object.fromEntries(scoredKinds.map((kind) => [kind, { legs: tally.legsByKind[kind], singles: tally.singlesByKind[kind] }])),
    turnoverMinor: stakeMinor,
    returnsMinor: returnMinor,
    marginMinor: stakeMinor - returnMinor,
    marginPercent: marginOf(tally.total),
    ledger: { statements: tally.ledger, log: input.verified.sums },
    incidents,
    findings: [...tally.findings, ...otherFindings(input, there)],
    timing: { ...played.timing, readBackSeconds: input.readBackSeconds },
  };
}

function otherFindings({ plan, options, played, verified, incidents }: ReportInput, betsThere: number): readonly string[] {
  const accepted = played.placed.filter((bet) => bet.code === undefined).length;
  const { models } = played.status.projections;
  const { reactor, settlement } = played.status.settlement;
  const found: readonly (readonly [boolean, string])[] = [
    [played.placed.length !== options.bets, `${played.placed.length} of ${options.bets} bets were answered`],
    [accepted !== betsThere, `${accepted} bets were accepted, ${betsThere} are there`],
    [played.marketsOpened !== plan.markets.length, `${played.marketsOpened} of ${plan.markets.length} markets were opened`],
    [settlement.parkedCount > 0, `the settlement job has parked ${settlement.parkedCount} bets`],
    [reactor.parkedCount > 0, `the reactor has parked ${reactor.parkedCount} streams`],
    ...models.map(({ model, gapsFilled, parkedCount }) => {
      return [gapsFilled + parkedCount > 0, `read model ${model}: ${gapsFilled} gaps filled, ${parkedCount} streams parked`] as const;
    }),
    [!verified.ok, `the ledger is wrong: ${verified.findings.join('; ')}`],
    ...incidents.map(({ incident, asExpected, seen }) => [!asExpected, `incident "${incident}": ${seen}`] as const),
  ];
  return found.filter(([wrong]) => wrong).map(([, text]) => text);
}

function counted(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes.toSorted()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
