// The environment as the fault tests read it: whether they are asked for, and how large. `full` is the size that the design asks for.

import { z } from 'zod';

export type FaultsConfig = { readonly betsInOutage: number };

const sizes = { lean: { betsInOutage: 1_000 }, full: { betsInOutage: 10_000 } } as const;

/** WAGERLINE_FAULTS=lean or full; undefined: nobody asked for them. @throws Error for anything else */
export function faultsConfig(env: Readonly<Record<string, string | undefined>> = process.env): FaultsConfig | undefined {
  const asked = env['WAGERLINE_FAULTS'];
  return asked === undefined ? undefined : sizes[z.enum(['lean', 'full']).parse(asked)];
}
