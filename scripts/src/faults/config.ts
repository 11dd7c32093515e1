// The environment as the fault tests read it: how large they are. The default fits into CI; `full` is the size that the design asks for.

import { z } from 'zod';

export type FaultsConfig = { readonly betsInOutage: number };

const sizes = { lean: { betsInOutage: 1_000 }, full: { betsInOutage: 10_000 } } as const;

/** WAGERLINE_FAULTS=full. @throws Error for anything else */
export function faultsConfig(env: Readonly<Record<string, string | undefined>> = process.env): FaultsConfig {
  return sizes[z.enum(['lean', 'full']).parse(env['WAGERLINE_FAULTS'] ?? 'lean')];
}
