// The log of the EventStoreDB stand-in: decides appends one after another, writes them in groups, and acknowledges after the sync.
// Used by the calls of this folder. Readers see only what is on disk.

import { checkAppend } from './check-append.ts';
import { LogFile } from './log-file.ts';
import { LogIndex, type StreamState } from './log-index.ts';
import {
  decodeLine, encodeLine, isMetadataStream, metadataStreamOf, metadataType, ticksOf, tombstoneType,
  type ExpectedVersion, type Line, type ProposedEvent, type StoredEvent,
} from './records.ts';

/** `into`: the events go to this stream, although the expected version is that of the other. */
export type Append = {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly events: readonly ProposedEvent[];
  readonly into?: string;
};

/** `position` is the last event's; undefined where nothing is there to have one. Revision -1 = no stream. */
export type Appended =
  | { readonly outcome: 'written'; readonly revision: number; readonly position: number | undefined }
  | { readonly outcome: 'wrong-version'; readonly current: number }
  | { readonly outcome: 'deleted' };

type Waiting = { readonly append: Append; readonly resolve: (appended: Appended) => void; readonly reject: (error: unknown) => void };

const groupAppendsMax = 1_000;
const cachedBytesMax = 32 * 1024 * 1024;

export class Log {
  readonly #file: LogFile;
  readonly #index = new LogIndex();
  /** Lines by offset: first those being written, which are not in the file yet, then the newest ones. The first entry is the oldest. */
  readonly #cached = new Map<number, { readonly line: Line; readonly length: number }>();
  #cachedBytes = 0;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #nextOffset: number;
  readonly #wakers = new Set<() => void>();
  readonly #now: () => number;
  /** Events with a smaller ordinal are durable. */
  visible: number;

  constructor(path: string, now: () => number) {
    this.#now = now;
    this.#file = new LogFile(path, (text, offset, length) => this.#index.add(decodeLine(text), { offset, length }));
    this.#nextOffset = this.#file.size;
    this.visible = this.#index.count;
  }

  append(append: Append): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      if (this.#isWriting) return;
      this.#isWriting = true;
      // At the end of this turn, so that what arrived together is written together.
      setImmediate(() => void this.#write());
    });
  }

  get index(): Omit<LogIndex, 'add'> {
    return this.#index;
  }

  event(ordinal: number): StoredEvent {
    const index = this.#index.indexInLine(ordinal);
    const line = this.#line(ordinal);
    const event = line.events[index];
    if (event === undefined) throw new Error(`no event ${ordinal} in its line`);
    const { stream, created } = line;
    return { ...event, stream, created, revision: this.#index.revisionOf(ordinal), position: this.#index.positionOf(ordinal) };
  }

  /** Revisions of the stream that may be read now; undefined where there are none. */
  readable(name: string): { readonly first: number; readonly last: number; readonly stream: StreamState } | undefined {
    const stream = this.#index.stream(name);
    if (stream === undefined) return undefined;
    let last = stream.ordinals.length - 1;
    while (last >= 0 && (stream.ordinals[last] ?? 0) >= this.visible) last -= 1;
    const maxCount = isMetadataStream(name) ? 1 : stream.maxCount;
    const first = Math.max(0, stream.truncateBefore, last - maxCount + 1);
    return first > last ? undefined : { first, last, stream };
  }

  /** Resolves when there are more visible events than `known`, or when the signal aborts. */
  news(known: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.visible > known || signal.aborted) return resolve();
      const wake = (): void => {
        this.#wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  close(): void {
    this.#file.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, groupAppendsMax);
      const lines: Buffer[] = [];
      const answers = group.map(({ append }) => this.#decide(append, lines));
      try {
        if (lines.length > 0) await this.#file.append(lines);
      } catch (error) {
        // What the file holds now is not what the index says: nothing can be appended any more.
        for (const waiting of [...group, ...this.#waiting.splice(0)]) waiting.reject(error);
        throw error;
      }
      this.visible = this.#index.count;
      this.#forgetOldLines();
      group.forEach(({ resolve }, index) => resolve(answers[index] ?? { outcome: 'deleted' }));
      for (const wake of this.#wakers) wake();
    }
    this.#isWriting = false;
  }

  /** Follows the appends before it, durable or not: all of a group are acknowledged together, after the sync. */
  #decide({ stream, expected, events, into = stream }: Append, lines: Buffer[]): Appended {
    const ids = into === stream ? events.map((event) => event.id) : [];
    const check = checkAppend(this.#index, { stream, expected, ids }, (ordinal) => this.#idAt(ordinal));
    if (check.outcome === 'repeated') {
      return { outcome: 'written', revision: this.#index.revisionOf(check.ordinal), position: this.#index.positionOf(check.ordinal) };
    }
    if (check.outcome !== 'write') return check;
    const state = this.#index.stream(into);
    const nextRevision = state?.ordinals.length ?? 0;
    if (events.length === 0) return { outcome: 'written', revision: nextRevision - 1, position: undefined };
    // A stream that was deleted begins anew behind its old events.
    if (state?.isSoftDeleted === true && events[0]?.type !== tombstoneType) this.#addLine(metadataStreamOf(into), [truncation(nextRevision)], lines);
    this.#addLine(into, events, lines);
    const last = this.#index.count - 1;
    return { outcome: 'written', revision: this.#index.revisionOf(last), position: this.#index.positionOf(last) };
  }

  #addLine(stream: string, events: readonly ProposedEvent[], lines: Buffer[]): void {
    const firstRevision = this.#index.stream(stream)?.ordinals.length ?? 0;
    const line = { stream, firstRevision, created: ticksOf(this.#now()), events };
    const bytes = encodeLine(line);
    this.#index.add(line, { offset: this.#nextOffset, length: bytes.length });
    this.#keep(this.#nextOffset, line, bytes.length);
    this.#nextOffset += bytes.length;
    lines.push(bytes);
  }

  #idAt(ordinal: number): string {
    return this.#line(ordinal).events[this.#index.indexInLine(ordinal)]?.id ?? '';
  }

  #line(ordinal: number): Line {
    const { offset, length } = this.#index.lineOf(ordinal);
    const cached = this.#cached.get(offset);
    return cached === undefined ? decodeLine(this.#file.read(offset, length)) : cached.line;
  }

  #keep(offset: number, line: Line, length: number): void {
    this.#cached.set(offset, { line, length });
    this.#cachedBytes += length;
  }

  #forgetOldLines(): void {
    for (const [offset, { length }] of this.#cached) {
      if (this.#cachedBytes <= cachedBytesMax) return;
      this.#cached.delete(offset);
      this.#cachedBytes -= length;
    }
  }
}

function truncation(revision: number): ProposedEvent {
  const data = Buffer.from(`{"$tb":${revision}}`);
  return { id: crypto.randomUUID(), type: metadataType, contentType: 'application/json', data, metadata: Buffer.alloc(0) };
}
