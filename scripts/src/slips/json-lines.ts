// JSON Lines in and out in bounded memory: one line at a time, the next chunk only when the reader of the output has taken the last.
// Called by settle.ts and lifecycle.ts.

import { once } from 'node:events';

export const lineCharactersMax = 1_000_000;

/** Lines that are not empty, in order; `null` stands for a line beyond the limit. */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string | null> {
  let rest = '';
  let isTooLong = false;
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (isTooLong || part.length > lineCharactersMax) yield null;
      else if (part.trim() !== '') yield part;
      isTooLong = false;
    }
    if (rest.length > lineCharactersMax) {
      isTooLong = true;
      rest = '';
    }
  }
  if (isTooLong) yield null;
  else if (rest.trim() !== '') yield rest;
}

export async function* textOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of input) yield typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

const bufferedCharactersMax = 65_536;

/** Gathers lines into larger writes, and waits where the other side is slower. */
export class LineWriter {
  private buffered = '';
  private readonly output: NodeJS.WritableStream;

  constructor(output: NodeJS.WritableStream) {
    this.output = output;
  }

  async line(text: string): Promise<void> {
    this.buffered += `${text}\n`;
    if (this.buffered.length >= bufferedCharactersMax) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.buffered;
    this.buffered = '';
    if (text !== '' && !this.output.write(text)) await once(this.output, 'drain');
  }
}
