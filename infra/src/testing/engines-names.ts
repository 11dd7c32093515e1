// The five engines by name, and what a run of their tests says of each. Used by the engine tests, by scripts/src/engines and its tool.
// It imports nothing: test files, tools and vitest's own process all read it.

export const engineNames = ['eventstoredb', 'kafka', 'mongodb', 'redis', 'elasticsearch'] as const;
export type EngineName = (typeof engineNames)[number];

/** What answers at `url`, and how it came to be there. `standIn` says what it is instead of the engine and what it does not show. */
export type EngineRunning = {
  readonly state: 'running';
  readonly url: string;
  readonly version: string;
  readonly found: 'environment' | 'docker' | 'native';
  readonly standIn: string | undefined;
};

/** `not asked`: the run is for others. `failed`: it was asked for and is not there, so the run is red. `absent`: this checkout has no such engine yet. */
export type EngineRun = EngineRunning | { readonly state: 'not asked' | 'failed' | 'absent'; readonly reason: string };

export type EngineRuns = Readonly<Record<EngineName, EngineRun>>;
