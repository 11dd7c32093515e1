// Chance from a printed seed: the same seed gives the same numbers on every machine (mulberry32: 32 bits of state, enough for samples).

export type Random = {
  /** A whole number from 0 to `count` - 1. */
  below(count: number): number;
  pick<T>(items: readonly T[]): T;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[];
};

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  // The bias of a scaled draw is below count / 2^32: of no matter here.
  const below = (count: number): number => Math.floor((next() / 0x1_0000_0000) * count);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const shuffled = <T>(items: readonly T[]): T[] => {
    const order = items.map((item) => ({ item, at: next() }));
    return order.sort((a, b) => a.at - b.at).map(({ item }) => item);
  };
  return { below, pick, chance: (percent) => below(100) < percent, shuffled };
}
