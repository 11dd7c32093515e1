// What the parts of the bench share: their sizes, temporary folders, and servers whose cost is remembered when they end.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiClient, type ApiClient } from '../server/api-client.ts';
import { startServerProcess, type ServerProcess } from '../server/server-process.ts';
import type { BareSettings } from './bare-express.ts';
import { proveLedger, type ProvedLedger } from './ledger-proof.ts';
import type { LoadResult } from './load.ts';
import { openPreloadLog, type PreloadLog } from './preload-log.ts';
import { peakRssMiB } from './process-cost.ts';
import { defectsOf, isAtRest, serverStatus, waitForStatus } from './server-status.ts';
import type { Sizes } from './sizes.ts';

const atRestWaitMsMax = 600_000;
const tickMs = 1_000;

export type BenchServer = ServerProcess & { readonly admin: ApiClient; readonly readyMs: number };

export class BenchContext {
  readonly sizes: Sizes;
  readonly progress: (text: string) => void;
  /** Whatever is wrong, as opposed to slow. */
  readonly defects: string[] = [];
  /** Most memory of any server so far. */
  rssMiB = 0;
  /** Of the part's stores, by name. */
  readonly ledgers: Record<string, ProvedLedger> = {};
  readonly #servers = new Set<ServerProcess>();
  readonly #folders: string[] = [];
  #tickedMs = 0;
  readonly #stopBare: (() => Promise<void>)[] = [];

  constructor(sizes: Sizes, progress: (text: string) => void) {
    this.sizes = sizes;
    this.progress = progress;
  }

  /** Progress that comes often: shown now and then. */
  tick(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#tickedMs < tickMs) return;
    this.#tickedMs = nowMs;
    this.progress(text);
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'wagerline-bench-'));
    this.#folders.push(folder);
    return folder;
  }

  async start(dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
    const startMs = performance.now();
    const server = await startServerProcess({ dataDir, env });
    const readyMs = Math.round(performance.now() - startMs);
    this.#servers.add(server);
    return { ...server, readyMs, admin: apiClient(server.url, await server.token('bench', ['admin'])) };
  }

  async stop(server: BenchServer): Promise<void> {
    this.defects.push(...defectsOf(await serverStatus(server.admin)));
    this.#remember(server);
    const code = await server.stop();
    for (const one of this.#servers) if (one.pid === server.pid) this.#servers.delete(one);
    if (code !== 0) this.defects.push(`a server ended with code ${code}`);
  }

  /**
   * Proves the ledger of a store that was measured, through a server that is started for it alone: what it needs of memory is the tool's, not that
   * of what was measured. `acknowledged`: as many bets as must be there.
   */
  async proveLedger(name: string, dataDir: string, acknowledged: number): Promise<void> {
    this.progress(`${name}: proving the ledger`);
    const server = await this.start(dataDir);
    const { defects, ...ledger } = await proveLedger(server.admin, acknowledged);
    this.defects.push(...defects.map((defect) => `${name}: ${defect}`));
    this.ledgers[name] = ledger;
    await server.stop();
  }

  /**
   * A store with these contents, at rest: a server has made it, the log was filled without one, and another server has brought
   * read models and settlement index to the end of it and was stopped again. So nothing of the filling is left to be measured.
   */
  async store(name: string, fill: (log: PreloadLog) => Promise<void>): Promise<string> {
    const dataDir = await this.folder();
    await this.stop(await this.start(dataDir));
    const log = await openPreloadLog(dataDir);
    try {
      await fill(log);
      await log.markSettled();
    } finally {
      await log.close();
    }
    const server = await this.start(dataDir);
    await this.atRest(server, name);
    await this.stop(server);
    return dataDir;
  }

  /** Every bet has been decided, and the job says so. */
  async expectNothingOpen(server: BenchServer, name: string): Promise<void> {
    // What is open is counted as far as the log is indexed.
    await this.atRest(server, name);
    const { openBets, waiting } = (await server.admin.call('GET', '/admin/settlement')).body;
    if (openBets !== 0 || waiting !== 0) this.defects.push(`${name}: ${String(openBets)} bets are open, ${String(waiting)} wait`);
  }

  async atRest(server: BenchServer, name: string): Promise<void> {
    const { head } = await serverStatus(server.admin);
    await waitForStatus(server.admin, isAtRest(head), atRestWaitMsMax, ({ projections, settlement }) => {
      const behind = Math.max(...projections.models.map((model) => model.lag)) + Math.max(0, head - projections.relay.publishedThrough);
      const toIndex = Math.max(0, head - settlement.settlement.indexedPosition);
      this.tick(`${name}: ${behind} events to project, ${toIndex} to index`);
    });
  }

  async startBare(settings: BareSettings): Promise<{ readonly url: string; readonly pid: number }> {
    const child = fork(new URL('./bare-express.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const exited = once(child, 'exit');
    this.#stopBare.push(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    child.send(settings);
    const [port]: unknown[] = await once(child, 'message');
    return { url: `http://127.0.0.1:${Number(port)}`, pid: child.pid ?? 0 };
  }

  /** A load in which every request is a new bet within everybody's means: any other answer than 201 is a defect. */
  expectAccepted(name: string, { byStatus, unanswered }: LoadResult): void {
    for (const [status, count] of Object.entries(byStatus)) {
      if (status !== '201') this.defects.push(`${name}: ${count} answers with status ${status}`);
    }
    if (unanswered > 0) this.defects.push(`${name}: ${unanswered} requests were not answered`);
  }

  #remember({ pid }: ServerProcess): void {
    this.rssMiB = Math.max(this.rssMiB, peakRssMiB(pid));
  }

  /** After a part, also after one that failed or was interrupted: no process and no folder is left. */
  async cleanUp(): Promise<void> {
    for (const server of this.#servers) await server.kill();
    this.#servers.clear();
    for (const stop of this.#stopBare.splice(0)) await stop();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}
