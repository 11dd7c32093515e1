// Waits until an engine has answered a real request: an open port is not enough. Called by fleet.ts and by the setup of the engine tests.

import { setTimeout as delay } from 'node:timers/promises';
import type { EngineName } from '@wagerline/infra/testing/engines-names';
import { probeEngine } from '@wagerline/infra/testing/engines-probe';
import { ToolError } from '../cli.ts';

const pollMs = 50;

/** `checkAlive` throws when waiting has become pointless. Answers the version that the engine gives of itself. @throws ToolError */
export async function waitUntilReady(name: EngineName, url: string, msMax: number, checkAlive: () => void = () => undefined): Promise<string | undefined> {
  let last: unknown;
  for (const untilMs = performance.now() + msMax; performance.now() < untilMs; await delay(pollMs)) {
    checkAlive();
    try {
      return await probeEngine(name, url);
    } catch (error) {
      last = error;
    }
  }
  throw new ToolError(`${name} did not answer at ${url} within ${msMax} ms: ${last instanceof Error ? last.message : String(last)}`);
}
