// How much each part of the bench does: as the README prints it, or small, to see in two minutes that everything runs.

export type Sizes = {
  readonly bettorCount: number;
  readonly connectionCount: number;
  readonly slipCount: number;
  readonly roundCount: number;
  readonly bareRoundMs: number;
  readonly roundMs: number;
  readonly halfLoadMs: number;
  readonly preloadedEvents: number;
  readonly preloadedRoundMs: number;
  readonly oldAccountBets: number;
  readonly oldAccountMeasuredBets: number;
  readonly settledBets: number;
  readonly mixedBets: number;
  readonly saturdayMarkets: number;
  readonly saturdayLegs: number;
  /** Results are spread over this time. */
  readonly saturdaySpreadMs: number;
};

export const fullSizes: Sizes = {
  bettorCount: 10_000,
  connectionCount: 64,
  slipCount: 1_999,
  roundCount: 5,
  bareRoundMs: 2_500,
  roundMs: 3_500,
  halfLoadMs: 10_000,
  preloadedEvents: 1_000_000,
  preloadedRoundMs: 2_500,
  oldAccountBets: 100_000,
  oldAccountMeasuredBets: 1_000,
  settledBets: 100_000,
  mixedBets: 100_000,
  saturdayMarkets: 400,
  saturdayLegs: 1_000_000,
  saturdaySpreadMs: 600_000,
};

export const quickSizes: Sizes = {
  ...fullSizes,
  bettorCount: 1_000,
  roundCount: 2,
  bareRoundMs: 1_500,
  roundMs: 3_000,
  halfLoadMs: 3_000,
  preloadedEvents: 60_000,
  preloadedRoundMs: 2_000,
  oldAccountBets: 5_000,
  oldAccountMeasuredBets: 200,
  settledBets: 10_000,
  mixedBets: 5_000,
  saturdayMarkets: 40,
  saturdayLegs: 24_000,
  saturdaySpreadMs: 10_000,
};

/** On the engines, where a bet costs far more of the machine. Offered is a little more than has to be accepted: what is in flight at the end is not counted. */
export type EngineSizes = {
  readonly bettorCount: number;
  readonly offeredPerSecond: number;
  readonly heldMs: number;
  readonly halfMs: number;
};

export const fullEngineSizes: EngineSizes = { bettorCount: 2_000, offeredPerSecond: 510, heldMs: 60_000, halfMs: 20_000 };
export const quickEngineSizes: EngineSizes = { bettorCount: 100, offeredPerSecond: 50, heldMs: 8_000, halfMs: 4_000 };
