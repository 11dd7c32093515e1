// A bound on the commands that all slots of a worker have in flight together. First come, first served.

export class InFlight {
  readonly #max: number;
  readonly #waiting: { readonly count: number; readonly enter: () => void }[] = [];
  count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Runs `work`, which sends `count` commands, as soon as there is room. More than the maximum at once goes alone. */
  async run<Result>(count: number, work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length > 0 || !this.#hasRoom(count)) await new Promise<void>((enter) => this.#waiting.push({ count, enter }));
    else this.count += count;
    try {
      return await work();
    } finally {
      this.count -= count;
      for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.count); next = this.#waiting[0]) {
        this.#waiting.shift();
        this.count += next.count;
        next.enter();
      }
    }
  }

  #hasRoom(count: number): boolean {
    return this.count === 0 || this.count + count <= this.#max;
  }
}
