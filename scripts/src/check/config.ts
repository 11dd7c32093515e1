// The environment that the checkers' tools run in. Called by run-tool.ts alone; nothing else of the checks reads the environment.

/** What we were started with, plus: no telemetry, no colours, no update notices. Without NODE_OPTIONS, which would reach every tool. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _dropped, FORCE_COLOR: _colour, ...inherited } = process.env;
  return { ...inherited, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1', NO_COLOR: '1' };
}
