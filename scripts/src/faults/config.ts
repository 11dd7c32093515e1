// The environment as the fault tests read it: how large they are, and what the parts say meanwhile. `full` is the size that the design asks for.

import { z } from 'zod';

export type FaultsConfig = {
  readonly betsInOutage: number;
  /** Of every part, on stderr: what a run that failed is judged by. */
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info';
};

const sizes = { off: 0, lean: 1_000, full: 10_000 } as const;
const asked = z.object({
  WAGERLINE_FAULTS: z.enum(['off', 'lean', 'full']).default('off'),
  WAGERLINE_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info']).default('silent'),
});

/** Undefined: off, as when nobody asked. @throws Error for anything that is none of them */
export function faultsConfig(env: Readonly<Record<string, string | undefined>> = process.env): FaultsConfig | undefined {
  const { WAGERLINE_FAULTS: size, WAGERLINE_LOG_LEVEL: logLevel } = asked.parse(env);
  return size === 'off' ? undefined : { betsInOutage: sizes[size], logLevel };
}
