// Five engines and every part on them, two processes of each part: what is killed here, one after another. Used by engines-run.ts.
// A part that was killed is started again by its group, as in the product; an engine by this file, as an operator's supervisor would.

import { setTimeout as delay } from 'node:timers/promises';
import { issueToken, makeDemoKeys, type Role, type SigningKeys } from '@wagerline/infra/auth';
import { loadConfig, type Config } from '@wagerline/infra/config';
import { openCommandInfra, type ThreadInfra } from '@wagerline/infra/open-infra';
import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';
import { z } from 'zod';
import type { Fleet } from '../../engines/fleet.ts';
import { partCountsOf, startEngineServer, type EngineServer, type PartName } from '../../server/engine-server.ts';
import type { Random } from '../../season/random.ts';

export const partNames = ['command', 'query', 'relay', 'projector', 'settlement'] as const satisfies readonly PartName[];
export type VictimName = PartName | EngineName;
export const victimNames: readonly VictimName[] = [...partNames, ...engineNames];

/** A part of which the idle process stands by while the other one works. */
export type SharedPart = 'relay' | 'projector' | 'settlement';

export type ClusterOptions = {
  readonly dataDir: string;
  /** Where the engines are. */
  readonly settings: Readonly<Record<string, string>>;
  readonly fleet: Pick<Fleet, 'kill' | 'start'>;
};

const processes = 'command=2,query=2,relay=2,projector=2,settlement=2';
const tokenTtlSeconds = 24 * 3_600;
const backPollMs = 50;
/** An engine is away for up to so long before it is started again. */
const awayMsMax = 1_500;
/** Of 100 times that a shared part is killed, so often it is the process that works. */
const busiestPercent = 75;

const statuses = {
  relay: z.object({ relay: z.object({ isHolder: z.boolean() }) }).transform(({ relay }) => Number(relay.isHolder)),
  projector: z
    .object({ models: z.array(z.object({ partitions: z.array(z.int()) })) })
    .transform(({ models }) => models.reduce((sum, { partitions }) => sum + partitions.length, 0)),
  settlement: z.object({ settlement: z.object({ slotsHeld: z.int() }) }).transform(({ settlement }) => settlement.slotsHeld),
};

export class Cluster {
  readonly #fleet: ClusterOptions['fleet'];
  readonly #config: Config;
  readonly #server: EngineServer;
  readonly #keys: SigningKeys;

  private constructor(fleet: ClusterOptions['fleet'], config: Config, server: EngineServer, keys: SigningKeys) {
    this.#fleet = fleet;
    this.#config = config;
    this.#server = server;
    this.#keys = keys;
  }

  static async start({ dataDir, settings, fleet }: ClusterOptions): Promise<Cluster> {
    // Of everything that is killed, every process would log what it misses.
    const config = loadConfig(settings, { stores: 'engines', dataDir, logLevel: 'silent', http: { port: 0 } });
    const server = await startEngineServer(config, partCountsOf(processes));
    return new Cluster(fleet, config, server, await makeDemoKeys(dataDir));
  }

  get url(): string {
    return this.#server.url;
  }

  token(sub: string, role: Role): Promise<string> {
    const { issuer, audience } = this.#config.jwt;
    return issueToken(this.#keys, { sub, roles: [role], ttlSeconds: tokenTtlSeconds, issuer, audience });
  }

  /** Resolves when the victim is dead; what it answers resolves when it is back. */
  async kill(victim: VictimName, random: Random): Promise<{ readonly back: Promise<void> }> {
    if (isPart(victim)) return this.#killPart(victim, await this.#chosen(victim, random));
    await this.#fleet.kill(victim);
    const away = delay(random.below(awayMsMax));
    return { back: away.then(async () => void (await this.#fleet.start(victim))) };
  }

  /** Kills a process, and keeps it from starting again until `until`. */
  killAndHold(part: SharedPart, index: number, until: Promise<unknown>): Promise<{ readonly back: Promise<void> }> {
    return this.#killPart(part, index, until);
  }

  /** How much of a part's work a process has: 1 for the relay's lease, a model's partitions, slots of settlements. */
  async share(part: SharedPart, index: number): Promise<number> {
    return statuses[part].parse(await this.#server.groups[part].processes[index]?.request('status'));
  }

  /** A way of its own to the event log. */
  openLog(): Promise<ThreadInfra> {
    return openCommandInfra({ config: this.#config, time: undefined });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #chosen(part: PartName, random: Random): Promise<number> {
    if (part === 'command' || part === 'query') return random.below(2);
    const busiest = await this.busiest(part);
    return random.chance(busiestPercent) ? busiest : 1 - busiest;
  }

  /** The index of the process that has most of the part's work. */
  async busiest(part: SharedPart): Promise<number> {
    const [first = 0, second = 0] = await Promise.all([this.share(part, 0), this.share(part, 1)]);
    return first >= second ? 0 : 1;
  }

  async #killPart(part: PartName, index: number, until: Promise<unknown> = Promise.resolve()): Promise<{ readonly back: Promise<void> }> {
    const group = this.#server.groups[part];
    const pid = group.processes[index]?.pid;
    await group.kill(index, until);
    const isBack = (): boolean => group.processes[index]?.pid !== pid && group.urls[index] !== undefined;
    const back = async (): Promise<void> => {
      while (!isBack()) await delay(backPollMs);
    };
    return { back: back() };
  }
}

function isPart(victim: VictimName): victim is PartName {
  return partNames.some((name) => name === victim);
}
