// Latencies of one load, kept one by one: exact percentiles, no buckets. Used by load.ts only.

const firstCapacity = 65_536;

export class LatencyRecorder {
  private latenciesMs = new Float64Array(firstCapacity);
  count = 0;

  record(latencyMs: number): void {
    if (this.count === this.latenciesMs.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.latenciesMs);
      this.latenciesMs = larger;
    }
    this.latenciesMs[this.count++] = latencyMs;
  }

  percentiles(): { p50Ms: number; p95Ms: number; p99Ms: number; maxMs: number } {
    const sorted = this.latenciesMs.subarray(0, this.count).toSorted();
    const at = (share: number): number => Number((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(3));
    return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
  }
}
