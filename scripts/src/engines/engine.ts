// What an engine is to the tool: its version, how to install and start it, where it answers. Each engine's folder has one file that
// implements it; fleet.ts starts and stops them all alike.

import type { EngineName } from '@wagerline/infra/testing/engines-names';

/** What is going on, in a few words, for people who wait. */
export type Say = (text: string) => void;

/** `client` is the one that the URL names. */
export type Ports = { readonly client: number; readonly [purpose: string]: number };

/** Where an engine runs: what was installed, the folder that it keeps data and settings in, its ports. */
export type Place = { readonly installed: string; readonly dir: string; readonly ports: Ports };

export type Command = { readonly file: string; readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> };

export type Engine = {
  readonly name: EngineName;
  readonly version: string;
  /** Undefined = the real engine. Else what it is instead, and what it therefore does not show. */
  readonly standIn: string | undefined;
  readonly defaultPorts: Ports;
  /** Why this checkout has no such engine at all; undefined = it has. */
  absent(): string | undefined;
  /** Idempotent. Answers the folder of what was installed; `cacheDir` is shared by every place. @throws ToolError saying what to install */
  install(cacheDir: string, say: Say): Promise<string>;
  /** Before each start: settings files, formatting of an empty data folder. */
  prepare(place: Place): Promise<void>;
  /** Of the process that is the engine. */
  command(place: Place): Promise<Command>;
  url(port: number): string;
};
