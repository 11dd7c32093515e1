// Counts the requests in what a client sends to an engine, by the frame of that engine's protocol. One counter per connection, fed with
// every byte in order, however the bytes are cut. Used by counting-relay.ts; it understands nothing of what a request says.

import type { EngineName } from '@wagerline/infra/testing/engines-names';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';

/** Answers how many requests begin in these bytes. */
export type RequestCounter = (bytes: Buffer) => number;

export function requestCounter(engine: EngineName): RequestCounter {
  switch (engine) {
    case 'eventstoredb':
      // HTTP/2: a call is a HEADERS frame (type 1), behind a preface of 24 bytes.
      return framed({ headerBytes: 9, bodyBytes: (header) => header.readUIntBE(0, 3), isRequest: (header) => header[3] === 1, prefaceBytes: 24 });
    case 'kafka':
      return framed({ headerBytes: 4, bodyBytes: (header) => header.readInt32BE(0) });
    case 'mongodb':
      return framed({ headerBytes: 4, bodyBytes: (header) => header.readInt32LE(0) - 4 });
    case 'redis':
      // A command is an array; its arguments never hold a line that begins with a star.
      return marked('\r\n*', '\r\n');
    case 'elasticsearch':
      return marked(' HTTP/1.1\r\n');
    default:
      return unreachable(engine);
  }
}

type Framing = {
  readonly headerBytes: number;
  /** Of what follows the header. */
  readonly bodyBytes: (header: Buffer) => number;
  readonly isRequest?: (header: Buffer) => boolean;
  readonly prefaceBytes?: number;
};

function framed({ headerBytes, bodyBytes, isRequest = () => true, prefaceBytes = 0 }: Framing): RequestCounter {
  let header = Buffer.alloc(0);
  let skipBytes = prefaceBytes;
  return (bytes) => {
    let count = 0;
    for (let at = 0; at < bytes.length; ) {
      const take = Math.min(skipBytes > 0 ? skipBytes : headerBytes - header.length, bytes.length - at);
      if (skipBytes > 0) {
        skipBytes -= take;
      } else {
        header = Buffer.concat([header, bytes.subarray(at, at + take)]);
        if (header.length === headerBytes) {
          if (isRequest(header)) count += 1;
          skipBytes = bodyBytes(header);
          header = Buffer.alloc(0);
        }
      }
      at += take;
    }
    return count;
  };
}

/** `before` is what the first request would have in front of it. */
function marked(mark: string, before = ''): RequestCounter {
  let tail = before;
  return (bytes) => {
    const text = tail + bytes.toString('latin1');
    // Shorter than the mark, so that none is counted twice.
    tail = text.slice(-(mark.length - 1));
    return text.split(mark).length - 1;
  };
}
