// The writer thread of the embedded event log: the one connection that writes. Started by embedded-log.ts; clients
// (embedded.ts) send it requests through their ports. It must never answer an append before its COMMIT has returned.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { assert, unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { Appender } from './embedded-appender.ts';
import type { AppendRequest, Control, FromWriter, LeaseRequest, Reply, Request, SnapshotRequest, WriterData } from './embedded-messages.ts';
import { int, isDiskFull, isSqliteError, openEventsForWriting, openSnapshotsForWriting, prepareRows } from './embedded-schema.ts';
import { SharedHeads } from './shared-heads.ts';
import { runBeforeOthers } from '../thread-rank.ts';

/** A group is what one COMMIT makes durable: all that is waiting, up to these bounds. */
const groupRequestsMax = 512;
const groupBytesMax = 4 * 1024 * 1024;
/**
 * The WAL is copied into the main file after this many pages more (28 MiB). Where it could not start over since the last time, the
 * copying waits for readers, so that with one group on top it stays below `journal_size_limit`.
 */
const checkpointEveryPages = 1792;
const readersWaitMs = 200;

type Client = {
  readonly port: MessagePort;
  /** The head it knew when it asked to be told of a newer one; undefined when it did not ask. */
  listensAfter: number | undefined;
  replies: Reply[];
};

type Queued = { readonly client: Client; readonly request: AppendRequest | LeaseRequest | SnapshotRequest };

class Writer {
  readonly #events: DatabaseSync;
  readonly #snapshots: DatabaseSync;
  readonly #appender: Appender;
  /** Pages in the WAL, without and with copying them. */
  readonly #walPages: StatementSync;
  readonly #copyWal: StatementSync;
  readonly #clients = new Set<Client>();
  /** Bounded by the clients: each sends at most `appendQueueMax` requests that wait for an answer. */
  #queue: Queued[] = [];
  #scheduled = false;
  #closing = false;
  /** Pages that the WAL had at the last checkpoint; 0 after it has started over. */
  #walPagesCopied = 0;

  constructor({ dataDir, sharedHeads }: WriterData) {
    this.#events = openEventsForWriting(dataDir);
    this.#snapshots = openSnapshotsForWriting(dataDir);
    this.#walPages = prepareRows(this.#events, 'PRAGMA wal_checkpoint(NOOP)');
    this.#copyWal = prepareRows(this.#events, 'PRAGMA wal_checkpoint(PASSIVE)');
    this.#appender = new Appender(this.#events, new SharedHeads(sharedHeads));
  }

  connect(port: MessagePort): void {
    const client: Client = { port, listensAfter: undefined, replies: [] };
    this.#clients.add(client);
    port.on('message', (requests: readonly Request[]) => this.#receive(client, requests));
    // A client that died takes nothing with it: what it had sent is still written, the answers go nowhere.
    port.on('close', () => this.#clients.delete(client));
  }

  #receive(client: Client, requests: readonly Request[]): void {
    for (const request of requests) {
      if (request[0] === 'listen') {
        client.listensAfter = request[2];
        this.#tell(client);
      } else {
        this.#queue.push({ client, request });
      }
    }
    this.#schedule();
  }

  /** The next group starts after the event loop has handed over every message that has arrived: these are the group. */
  #schedule(): void {
    if (this.#scheduled || (this.#queue.length === 0 && !this.#closing)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#queue.length > 0) this.#workOneGroup();
      if (this.#queue.length === 0 && this.#closing) this.#finish();
      else this.#schedule();
    });
  }

  #workOneGroup(): void {
    const group = this.#takeGroup();
    const snapshots: Queued[] = [];
    const durable: Queued[] = [];
    for (const queued of group) (queued.request[0] === 'snapshot' ? snapshots : durable).push(queued);
    if (durable.length > 0) this.#commit(durable);
    for (const client of this.#clients) this.#tell(client);
    // Snapshots wait until the appends are answered: they are large, and nobody's money hangs on them.
    if (snapshots.length > 0) {
      this.#saveSnapshots(snapshots);
      for (const client of this.#clients) this.#tell(client);
    }
    this.#checkpointIfDue();
  }

  #takeGroup(): Queued[] {
    let bytes = 0;
    let count = 0;
    for (const { request } of this.#queue) {
      if (count >= groupRequestsMax || bytes >= groupBytesMax) break;
      for (const field of request) if (typeof field === 'string') bytes += field.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #commit(group: readonly Queued[]): void {
    let replies: Reply[] = [];
    let committing = false;
    try {
      this.#events.exec('BEGIN IMMEDIATE');
      for (const { request } of group) replies.push(this.#apply(request));
      committing = true;
      this.#events.exec('COMMIT');
      this.#appender.committed();
    } catch (error) {
      // Before COMMIT, or when there was no room for its pages, the rollback is certain. After any other failure of COMMIT
      // (a flush that failed) nobody knows what the disk holds: this thread ends, what waits is of unknown outcome, and
      // the next start finds out.
      if (!isSqliteError(error) || (committing && !isDiskFull(error))) throw error;
      if (this.#events.isTransaction) this.#events.exec('ROLLBACK');
      this.#appender.reload();
      replies = group.map(({ request }) => ['unavailable', request[1], error.message]);
    }
    group.forEach(({ client }, index) => {
      const reply = replies[index];
      assert(reply !== undefined, 'every request of a group has its reply');
      client.replies.push(reply);
    });
  }

  #apply(request: Queued['request']): Reply {
    switch (request[0]) {
      case 'append':
        return this.#appender.append(request);
      case 'leases':
        return this.#appender.leases(request);
      case 'snapshot':
        throw new Error('snapshots are not part of a group');
      default:
        return unreachable(request);
    }
  }

  #saveSnapshots(group: readonly Queued[]): void {
    let failure: string | undefined;
    try {
      const upsert = this.#snapshots.prepare('INSERT INTO snapshots VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET data = excluded.data');
      this.#snapshots.exec('BEGIN IMMEDIATE');
      for (const { request } of group) if (request[0] === 'snapshot') upsert.run(request[2], request[3]);
      this.#snapshots.exec('COMMIT');
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      if (this.#snapshots.isTransaction) this.#snapshots.exec('ROLLBACK');
      failure = error.message;
    }
    for (const { client, request } of group) {
      client.replies.push(failure === undefined ? ['snapshot', request[1]] : ['unavailable', request[1], failure]);
    }
  }

  /** One message per client and group: its answers, and the news that it listens for. */
  #tell(client: Client): void {
    const isNews = client.listensAfter !== undefined && this.#appender.head > client.listensAfter;
    if (client.replies.length === 0 && !isNews) return;
    const message: FromWriter = client.replies;
    if (isNews) client.listensAfter = undefined;
    client.replies = [];
    client.port.postMessage(message);
  }

  /** Our readers hold no statement open across ticks, so a copy nearly always gets to the end and the WAL starts over with the next commit. */
  #checkpointIfDue(): void {
    const pages = int(this.#walPages.get()?.[1]);
    if (pages < this.#walPagesCopied) this.#walPagesCopied = 0;
    if (pages < this.#walPagesCopied + checkpointEveryPages) return;
    const wasCopiedBefore = this.#walPagesCopied > 0;
    this.#walPagesCopied = pages;
    try {
      this.#copyWal.get();
      if (!wasCopiedBefore) return;
      this.#events.exec(`PRAGMA busy_timeout = ${readersWaitMs}; PRAGMA wal_checkpoint(RESTART); PRAGMA busy_timeout = 5000`);
    } catch (error) {
      // No room to grow the main file: everything acknowledged is safe in the WAL, and the next checkpoint tries again.
      if (!isDiskFull(error)) throw error;
    }
  }

  limitPages(pagesMax: number): void {
    this.#events.exec(`PRAGMA max_page_count = ${pagesMax}`);
  }

  close(): void {
    this.#closing = true;
    this.#schedule();
  }

  #finish(): void {
    for (const { port } of this.#clients) port.close();
    this.#events.close();
    this.#snapshots.close();
    parentPort?.close();
  }
}

assert(parentPort !== null, 'embedded-writer.ts runs as a worker thread');
const data: WriterData = workerData;
const writer = new Writer(data);
parentPort.on('message', (message: Control) => {
  switch (message.control) {
    case 'connect':
      return writer.connect(message.port);
    case 'limit-pages':
      return writer.limitPages(message.pagesMax);
    case 'close':
      return writer.close();
    default:
      return unreachable(message);
  }
});
runBeforeOthers();
parentPort.postMessage('ready');
