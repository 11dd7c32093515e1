// Fetches an engine's jars from Maven and holds them against the checksums kept beside its pom: the versions of the pom and of all that
// it draws in are pinned by content. Called by the Java engines. A folder is installed as a whole or not at all.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../cli.ts';
import { engineEnvironment } from './config.ts';
import type { Say } from './engine.ts';
import { ensureJdk, type Jdk } from './jdk.ts';
import { ensureProgram } from './packages.ts';
import { runCommand } from './run-command.ts';

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

export type JarSet = { readonly pom: string; readonly checksums: string; readonly into: string };

export type Install = {
  readonly name: string;
  /** Poms, checksums, Java sources: when one changes, the engine is installed anew. */
  readonly sourceDir: string;
  readonly cacheDir: string;
  readonly say: Say;
  /** Fills the folder; what is fetched into it is checked. */
  fill(folder: string, tools: InstallTools): Promise<void>;
};

export type InstallTools = {
  readonly jdk: Jdk;
  jars(set: JarSet): Promise<void>;
  run(file: string, args: readonly string[]): Promise<string>;
};

/** Answers the folder. It carries a hash of its sources in its name, so an older one is left for checkouts that still use it. */
export async function installJavaEngine({ name, sourceDir, cacheDir, say, fill }: Install): Promise<string> {
  const folder = join(cacheDir, `${name}-${sourcesHash(sourceDir)}`);
  if (existsSync(folder)) return folder;
  const jdk = await ensureJdk(say);
  const env = { ...engineEnvironment(), JAVA_HOME: jdk.home };
  const made = `${folder}.${process.pid}`;
  mkdirSync(made, { recursive: true });
  try {
    await fill(made, {
      jdk,
      run: (file, args) => runCommand(file, args, env),
      async jars({ pom, checksums, into }) {
        const maven = await ensureProgram('mvn', 'maven', say);
        say(`${name}: fetching its jars`);
        const repository = `-Dmaven.repo.local=${join(cacheDir, 'maven')}`;
        const output = `-DoutputDirectory=${into}`;
        await runCommand(maven, ['-B', '-q', '-C', repository, '-f', pom, copyDependencies, '-DincludeScope=runtime', output], env);
        checkJars(into, checksums);
      },
    });
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Somebody else installed the same meanwhile: theirs is as good.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** `sha256  name` a line, as sha256sum writes them. @throws ToolError naming the first jar that is another, too many or missing */
export function checkJars(folder: string, checksumsFile: string): void {
  const wanted = new Map<string, string>();
  for (const line of readFileSync(checksumsFile, 'utf8').split('\n').filter((each) => each !== '')) {
    const [hash = '', name = ''] = line.split(/ {2}/);
    wanted.set(name, hash);
  }
  for (const name of readdirSync(folder)) {
    const hash = createHash('sha256').update(readFileSync(join(folder, name))).digest('hex');
    if (wanted.get(name) !== hash) throw new ToolError(`${name} is not the jar whose checksum ${checksumsFile} keeps: sha256 ${hash}`);
    wanted.delete(name);
  }
  if (wanted.size > 0) throw new ToolError(`not fetched: ${[...wanted.keys()].join(', ')}`);
}

function sourcesHash(folder: string): string {
  const hash = createHash('sha256');
  const sources = readdirSync(folder).filter((name) => !name.endsWith('.ts'));
  for (const name of sources.toSorted()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}
