// Programs that come from the system: found, or installed from Debian's packages where we are root, or named in a plain refusal.
// Called by the engines that need one. It installs nothing that it was not asked for, and starts no service.

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../cli.ts';
import { engineEnvironment, searchPath } from './config.ts';
import type { Say } from './engine.ts';
import { runCommand } from './run-command.ts';

export function findProgram(name: string): string | undefined {
  return searchPath()
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @throws ToolError saying which package to install */
export async function ensureProgram(name: string, debianPackage: string, say: Say): Promise<string> {
  const found = findProgram(name);
  if (found !== undefined) return found;
  await installFirstOf([debianPackage], `${name} is not installed`, say);
  const installed = findProgram(name);
  if (installed === undefined) throw new ToolError(`${debianPackage} is installed, and there is no ${name}`);
  return installed;
}

/** Installs the first of these packages that this Debian has. `missing` says what for. @throws ToolError */
export async function installFirstOf(names: readonly string[], missing: string, say: Say): Promise<void> {
  const apt = findProgram('apt-get');
  if (apt === undefined || process.getuid?.() !== 0) throw new ToolError(`${missing}: install it (Debian: apt-get install ${names[0]})`);
  // RUNLEVEL=1 keeps a package's script from starting its service: the engine is ours to start.
  const env = { ...engineEnvironment(), DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  say('reading the lists of Debian packages');
  await runCommand(apt, ['update', '-qq'], env);
  for (const name of names) {
    if (!(await isKnown(name, env))) continue;
    say(`installing the Debian package ${name}`);
    await runCommand(apt, ['install', '-y', '-qq', '--no-install-recommends', name], env);
    return;
  }
  throw new ToolError(`${missing}, and this Debian has no package of ${names.join(', ')}`);
}

async function isKnown(name: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  const policy = await runCommand('apt-cache', ['policy', name], env);
  return /Candidate: (?!\(none\))/.test(policy);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
