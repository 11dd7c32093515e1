// Prometheus metrics of one process, in a registry of its own. Labels must be few and bounded: never an id, a path as sent or a token.
// The request times are kept here by hand: a library histogram hashes its labels each time, and this one counts every bet.

import { performance } from 'node:perf_hooks';

import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = {
  counter<Label extends string = never>(name: string, help: string, labelNames?: readonly Label[]): Counter<Label>;
  /** A gauge that is set by hand, or read at scrape time when `read` is given. */
  gauge(name: string, help: string, read?: () => number): Gauge;
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames?: readonly Label[],
  ): Histogram<Label>;
  /** Observes the duration of one answered request, in seconds. */
  requestTimer(method: string, route: string): RequestTimer;
  text(): Promise<string>;
  readonly contentType: string;
};

export type RequestTimer = { observe(status: number, seconds: number): void };

const requestName = 'wagerline_http_request_seconds';
const requestHeader = [
  `# HELP ${requestName} Time from the complete header to the answer, by route as registered`,
  `# TYPE ${requestName} histogram`,
];
const requestBoundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const requests = new Map<string, RequestSeries>();

  const metrics: Metrics = {
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers: [registry] }),
    gauge: (name, help, read) =>
      new Gauge({
        name,
        help,
        registers: [registry],
        ...(read && {
          collect() {
            this.set(read());
          },
        }),
      }),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ name, help, buckets: [...buckets], labelNames, registers: [registry] }),
    requestTimer: (method, route) => {
      const labels = `method="${method}",route="${route}"`;
      const series = requests.get(labels) ?? new RequestSeries(labels);
      requests.set(labels, series);
      return series;
    },
    text: async () => {
      const lines = [...requests.values()].flatMap((series) => series.lines());
      return [...requestHeader, ...lines, await registry.metrics()].join('\n');
    },
    contentType: registry.contentType,
  };

  metrics.gauge('wagerline_process_resident_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
  metrics.gauge(
    'wagerline_event_loop_utilization',
    'Share of the time since the start that the main thread was busy',
    () => performance.eventLoopUtilization().utilization,
  );
  return metrics;
}

/** Request times of one route: per status one count for each bucket, not cumulated until somebody asks for the text. */
class RequestSeries implements RequestTimer {
  private readonly labels: string;
  private readonly byStatus = new Map<number, { readonly counts: number[]; seconds: number }>();

  constructor(labels: string) {
    this.labels = labels;
  }

  observe(status: number, seconds: number): void {
    let series = this.byStatus.get(status);
    if (series === undefined) {
      series = { counts: new Array<number>(requestBoundsSeconds.length + 1).fill(0), seconds: 0 };
      this.byStatus.set(status, series);
    }
    let bucket = 0;
    while (seconds > (requestBoundsSeconds[bucket] ?? Infinity)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.seconds += seconds;
  }

  lines(): string[] {
    return [...this.byStatus].flatMap(([status, { counts, seconds }]) => {
      const labels = `${this.labels},status="${status}"`;
      let total = 0;
      const buckets = counts.map((count, index) => {
        total += count;
        return `${requestName}_bucket{${labels},le="${requestBoundsSeconds[index] ?? '+Inf'}"} ${total}`;
      });
      return [...buckets, `${requestName}_sum{${labels}} ${seconds}`, `${requestName}_count{${labels}} ${total}`];
    });
  }
}
