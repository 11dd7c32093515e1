// A map that forgets what was not used for long when it is full. Used by generation-writer.ts for watermarks and documents.

/**
 * Two halves: what is used goes to the young one, and when that is full it becomes the old one, whose rest is forgotten. So the
 * half that was used last is always there, and a use costs no change of order.
 */
export class BoundedMap<Value> {
  readonly #halfMax: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(entriesMax: number) {
    this.#halfMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size <= this.#halfMax) return;
    this.#young.delete(key);
    this.#old = this.#young;
    this.#young = new Map([[key, value]]);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
