// Time and ids come in through these two ports, once, at the edge; decide, evolve and project never ask for them.

export type Clock = {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Monotonic clock in milliseconds: for ages and time-outs, never for `at`. */
  monotonicMs(): number;
};

export type Ids = {
  /** A random id (UUID v4) for what is not derived from a command: accounts, processes. */
  random(): string;
};
