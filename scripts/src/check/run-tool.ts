// Runs one development tool of node_modules/.bin to its end and keeps what it wrote. Called by the checkers; it never throws for
// a non-zero exit, which is the tool's way to answer.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { toolEnvironment } from './config.ts';

const toolRunMsMax = 300_000;

export type ToolRun = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** The tools are scripts for Node: they run on the Node that runs us, whatever the machine has. */
export async function runTool(root: string, tool: string, args: readonly string[]): Promise<ToolRun> {
  const script = realpathSync(join(root, 'node_modules', '.bin', tool));
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: toolRunMsMax,
  });
  const exit = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await exit;
  return { exitCode: child.exitCode ?? 1, stdout, stderr };
}

/** The findings of a tool that failed without saying anything we can parse: its own words. */
export function unexplained(tool: string, run: ToolRun): string[] {
  return [`${tool} ended with exit code ${run.exitCode}`, run.stdout.trim(), run.stderr.trim()].filter((line) => line !== '');
}
