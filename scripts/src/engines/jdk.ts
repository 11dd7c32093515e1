// Finds a JDK that runs all three Java engines, or installs one. Called by the Java engines; the version is read from the JDK's own
// `release` file, so that nothing is started to find out.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ToolError } from '../cli.ts';
import { namedJdks } from './config.ts';
import type { Say } from './engine.ts';
import { findProgram, installFirstOf } from './packages.ts';

/** Elasticsearch 9 needs it; Kafka 4 and mongo-java-server would run on 17, and one JDK is simpler than two. */
const versionMin = 21;
const packages = ['openjdk-21-jdk-headless', 'openjdk-25-jdk-headless', 'temurin-21-jdk', 'temurin-25-jdk'];
const folders = ['/usr/lib/jvm', '/opt/java', '/Library/Java/JavaVirtualMachines'];

export type Jdk = { readonly home: string; readonly java: string; readonly javac: string; readonly jar: string };

/**
 * Engines of tools and tests live for minutes, beside everything else on a few cores, and are killed and started again: optimizing their code
 * fully took more processor time than their work. So they have the fast compiler alone, and the collector without threads of its own.
 */
export const jvmFlags: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** @throws ToolError saying what to install */
export async function ensureJdk(say: Say): Promise<Jdk> {
  const found = findJdk();
  if (found !== undefined) return found;
  const missing = `no JDK ${versionMin} or newer was found (JAVA_HOME, PATH, ${folders.join(', ')})`;
  await installFirstOf(packages, missing, say);
  const installed = findJdk();
  if (installed === undefined) throw new ToolError(`${missing}, also after installing one`);
  return installed;
}

/** One that the environment names wins; among the others the oldest that is new enough. */
function findJdk(): Jdk | undefined {
  const inFolders = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const java = findProgram('java');
  const onPath = java === undefined ? [] : [dirname(dirname(realpathSync(java)))];
  const others = [...onPath, ...inFolders, ...inFolders.map((home) => join(home, 'Contents', 'Home'))];
  const byAge = others.toSorted((one, other) => (versionOf(one) ?? 0) - (versionOf(other) ?? 0));
  const home = [...namedJdks(), ...byAge].find((candidate) => (versionOf(candidate) ?? 0) >= versionMin);
  if (home === undefined) return undefined;
  return { home, java: join(home, 'bin', 'java'), javac: join(home, 'bin', 'javac'), jar: join(home, 'bin', 'jar') };
}

/** The major version; undefined for what is no JDK, a runtime without compiler included. */
function versionOf(home: string): number | undefined {
  const release = join(home, 'release');
  if (!existsSync(release) || !existsSync(join(home, 'bin', 'javac'))) return undefined;
  const version = /^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1];
  return version === undefined ? undefined : Number(version);
}
