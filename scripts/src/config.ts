// The environment that a tool hands on to the processes it starts. Settings themselves are read in infra/src/config.ts.

/** Everything but Wagerline's own variables: a tool's server is configured by the tool. */
export function inheritedEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WAGERLINE_')));
}
