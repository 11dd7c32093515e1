// The load generator of every benchmark: raw HTTP/1.1 over keep-alive sockets, one request at a time per connection, as little CPU
// as possible, since it shares the machine with the server that it measures. Run it in a process of its own through forkLoad.

import { fork } from 'node:child_process';

import type { JsonObject } from '@wagerline/shared-kernel/values/json';

import { LoadConnection, type Arrival, type ConnectionEvents } from './load-connection.ts';
import { LatencyRecorder } from './load-latency.ts';

export type LoadPlan = {
  readonly host: string;
  readonly port: number;
  readonly connectionCount: number;
  /** Closed loop (undefined): every connection sends as soon as it has its answer. Open loop: this many requests are due per second. */
  readonly offeredPerSecond?: number;
  /** Answers of this first part are not counted. */
  readonly warmupMs: number;
  readonly durationMs: number;
  /** Ends the load early, once this many requests were sent. */
  readonly requestsMax?: number;
};

export type LoadResult = {
  readonly sent: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Requests without an answer: the connection broke, or the answer did not come before the end. */
  readonly unanswered: number;
  readonly answeredPerSecond: number;
  /** From the moment a request was meant to be sent (open loop) or was sent (closed loop) to its complete answer. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Everything sent, the warm-up with it. */
  readonly sentInAll: number;
  /** Processor time of the generator, per request sent. */
  readonly cpuMicrosPerRequest: number;
};

/** The raw text of the n-th request, header and body; see rawRequest. */
export type RequestSource = (index: number) => string;

/** What the module named to forkLoad exports. */
export type RequestSourceModule = { requestSource(settings: JsonObject): RequestSource | Promise<RequestSource> };

export type LoadJob = { readonly plan: LoadPlan; readonly sourceModule: string; readonly settings: JsonObject };
export type LoadReport = { readonly result: LoadResult } | { readonly error: string };

const tickMs = 1;
/** How long answers are waited for when everything is sent. */
const drainMsMax = 10_000;

export function rawRequest(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  if (body === undefined) return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const described = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${described}\r\n${body}`;
}

/** Runs a load in this process. */
export async function runLoad(plan: LoadPlan, source: RequestSource): Promise<LoadResult> {
  const load = new Load(plan, source);
  await load.connect();
  return load.run();
}

/** Runs a load in a child process; `sourceModule` is the file URL of a module with a `requestSource`. */
export function forkLoad(job: LoadJob): Promise<LoadResult> {
  const child = fork(new URL('./load-process.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load process ended with ${code} and without a result`)));
    child.once('message', (report: LoadReport) => ('result' in report ? resolve(report.result) : reject(new Error(report.error))));
    child.send(job);
  });
}

class Load {
  private readonly plan: LoadPlan;
  private readonly source: RequestSource;
  private readonly idle: LoadConnection[] = [];
  private readonly connections: LoadConnection[];
  private readonly latencies = new LatencyRecorder();
  private readonly byStatus = new Map<number, number>();
  private readonly finished = Promise.withResolvers<undefined>();
  private started = 0;
  private ended = 0;
  private counted = 0;
  private unanswered = 0;
  private startMs = 0;
  private countFromMs = 0;
  private stopMs = 0;
  private lastAnswerMs = 0;
  private cpuAtStart = process.cpuUsage();

  constructor(plan: LoadPlan, source: RequestSource) {
    this.plan = plan;
    this.source = source;
    const events: ConnectionEvents = {
      ready: (connection) => this.idle.push(connection),
      arrived: (arrival) => this.arrived(arrival),
    };
    this.connections = Array.from({ length: plan.connectionCount }, () => new LoadConnection(plan.host, plan.port, events));
  }

  async connect(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.open()));
  }

  async run(): Promise<LoadResult> {
    this.cpuAtStart = process.cpuUsage();
    this.startMs = performance.now();
    this.countFromMs = this.startMs + this.plan.warmupMs;
    this.stopMs = this.countFromMs + this.plan.durationMs;
    const tick = setInterval(() => this.send(), this.plan.offeredPerSecond === undefined ? 100 : tickMs);
    const giveUp = setTimeout(() => this.finished.resolve(undefined), this.stopMs - this.startMs + drainMsMax);
    this.send();
    await this.finished.promise;
    clearInterval(tick);
    clearTimeout(giveUp);
    for (const connection of this.connections) connection.close();
    return this.result();
  }

  /** Sends what is due over what is idle; ends the load when nothing more is due and nothing is on its way. */
  private send(): void {
    const nowMs = performance.now();
    const due = this.dueBy(nowMs);
    while (this.started < due) {
      const connection = this.idle.pop();
      if (connection === undefined) break;
      // A connection that broke while it was idle comes back by itself; its old place in the list is passed over.
      if (!connection.isFree) continue;
      const index = this.started++;
      connection.send(this.source(index), this.meantAtMs(index, nowMs));
    }
    if (this.ended === this.started && this.started >= due && this.isOver(nowMs)) this.finished.resolve(undefined);
  }

  /** How many requests should have been sent by now: all that fit in a closed loop, the rate's share in an open one. */
  private dueBy(nowMs: number): number {
    const { offeredPerSecond, requestsMax = Infinity } = this.plan;
    if (offeredPerSecond === undefined) return this.isOver(nowMs) ? this.started : Math.min(requestsMax, this.started + this.idle.length);
    const elapsedMs = Math.min(nowMs, this.stopMs) - this.startMs;
    return Math.min(requestsMax, Math.floor((elapsedMs * offeredPerSecond) / 1_000) + 1);
  }

  private meantAtMs(index: number, nowMs: number): number {
    const { offeredPerSecond } = this.plan;
    return offeredPerSecond === undefined ? nowMs : this.startMs + (index * 1_000) / offeredPerSecond;
  }

  private isOver(nowMs: number): boolean {
    return nowMs >= this.stopMs || this.started >= (this.plan.requestsMax ?? Infinity);
  }

  private arrived({ connection, status, meantAtMs }: Arrival): void {
    const nowMs = performance.now();
    this.ended += 1;
    if (meantAtMs >= this.countFromMs) {
      this.counted += 1;
      this.lastAnswerMs = nowMs;
      if (status === undefined) this.unanswered += 1;
      else {
        this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
        this.latencies.record(nowMs - meantAtMs);
      }
    }
    if (connection.isFree) this.idle.push(connection);
    this.send();
  }

  private result(): LoadResult {
    const answered = this.latencies.count;
    const seconds = Math.max(this.lastAnswerMs - this.countFromMs, 1) / 1_000;
    const { user, system } = process.cpuUsage(this.cpuAtStart);
    return {
      sent: this.counted + this.started - this.ended,
      byStatus: Object.fromEntries(this.byStatus),
      unanswered: this.unanswered + this.started - this.ended,
      answeredPerSecond: Math.round(answered / seconds),
      ...this.latencies.percentiles(),
      sentInAll: this.started,
      cpuMicrosPerRequest: Math.round((user + system) / Math.max(this.started, 1)),
    };
  }
}
