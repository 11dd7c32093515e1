// Runs one command to its end and answers what it printed; used by what installs engines. It asks nothing and has a limit in time.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ToolError } from '../cli.ts';

const runMsMax = 600_000;
const tailChars = 2_000;

/** @throws ToolError with the end of its output when it fails */
export async function runCommand(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: runMsMax, env });
  const ended = once(child, 'close');
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (child.exitCode === 0) return out;
  throw new ToolError(`${file} ${args.join(' ')} ended with ${child.exitCode ?? child.signalCode}:\n${(out + error).slice(-tailChars)}`);
}
