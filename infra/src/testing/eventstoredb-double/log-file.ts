// The append-only file of the EventStoreDB stand-in: lines in, lines out, durable before it says so. Used by log.ts.
// A last line without its end was never acknowledged: it is cut off when the file is opened.

import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const writeBytes = promisify(write);
const syncData = promisify(fdatasync);
const newline = 0x0a;
const scanBytes = 1024 * 1024;
/** A line before every event: no event is at position 0, which means "before everything". */
const header = '"eventstoredb stand-in, version 1"\n';

export class LogFile {
  readonly #descriptor: number;
  #size: number;

  /** `onLine` gets every whole line after the header, with the offset of its first byte. */
  constructor(path: string, onLine: (text: string, offset: number, length: number) => void) {
    this.#descriptor = openSync(path, 'a+');
    this.#size = this.#scan(onLine);
    ftruncateSync(this.#descriptor, this.#size);
    if (this.#size === 0) this.#size = writeSync(this.#descriptor, header);
  }

  /** Where the next line will begin. */
  get size(): number {
    return this.#size;
  }

  /** Resolves when the lines are durable. One call at a time. */
  async append(lines: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(lines);
    this.#size += bytes.length;
    for (let written = 0; written < bytes.length; ) written += (await writeBytes(this.#descriptor, bytes, written)).bytesWritten;
    await syncData(this.#descriptor);
  }

  read(offset: number, length: number): string {
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length; ) {
      const read = readSync(this.#descriptor, bytes, filled, length - filled, offset + filled);
      if (read === 0) throw new Error(`the log ends before ${offset + length}`);
      filled += read;
    }
    return bytes.toString('utf8');
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Answers where the last whole line ends. */
  #scan(onLine: (text: string, offset: number, length: number) => void): number {
    const fileSize = fstatSync(this.#descriptor).size;
    let rest = Buffer.alloc(0);
    let restOffset = 0;
    while (restOffset + rest.length < fileSize) {
      const chunk = Buffer.allocUnsafe(Math.min(scanBytes, fileSize - restOffset - rest.length));
      const read = readSync(this.#descriptor, chunk, 0, chunk.length, restOffset + rest.length);
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline, start)) {
        const offset = restOffset + start;
        if (offset > 0) onLine(rest.toString('utf8', start, end), offset, end + 1 - start);
        start = end + 1;
      }
      rest = rest.subarray(start);
      restOffset += start;
    }
    return restOffset;
  }
}
