// One keep-alive connection of the load generator: writes a request, finds the end of its answer by Content-Length, tells the status.
// It reads into a buffer of its own and looks at nothing else, so that the generator costs little beside the server it measures.

import { connect, type Socket } from 'node:net';

/** `status` is undefined when the connection broke before the answer was complete. */
export type Arrival = { readonly connection: LoadConnection; readonly status: number | undefined; readonly meantAtMs: number };

/** `ready`: open and free, at first and after every re-opening. */
export type ConnectionEvents = { ready(connection: LoadConnection): void; arrived(arrival: Arrival): void };

const readBufferBytes = 65_536;
const reopensMax = 100;
const requestTimeout = 408;
const headerEnd = '\r\n\r\n';

export class LoadConnection {
  private isOpen = false;
  private readonly host: string;
  private readonly port: number;
  private readonly events: ConnectionEvents;
  private readonly readBuffer = Buffer.allocUnsafe(readBufferBytes);
  private socket: Socket | undefined;
  private waiting = false;
  private meantAtMs = 0;
  private status = 0;
  /** Bytes of the running answer that are still to come; undefined while its header is incomplete. */
  private missingBytes: number | undefined;
  private partialHeader: Buffer | undefined;
  private reopens = 0;
  private closing = false;

  constructor(host: string, port: number, events: ConnectionEvents) {
    this.host = host;
    this.port = port;
    this.events = events;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onread = { buffer: this.readBuffer, callback: (size: number, buffer: Uint8Array) => this.read(size, buffer) };
      const socket = connect({ host: this.host, port: this.port, noDelay: true, onread }, () => {
        this.isOpen = true;
        this.events.ready(this);
        resolve();
      });
      socket.on('error', reject);
      socket.on('close', () => this.closed());
      this.socket = socket;
    });
  }

  get isFree(): boolean {
    return this.isOpen && !this.waiting;
  }

  send(request: string, meantAtMs: number): void {
    this.waiting = true;
    this.meantAtMs = meantAtMs;
    this.missingBytes = undefined;
    this.socket?.write(request);
  }

  close(): void {
    this.closing = true;
    this.socket?.destroy();
  }

  private read(size: number, buffer: Uint8Array): boolean {
    // The farewell of a server to a connection that was idle for too long; it closes next.
    if (!this.waiting) return true;
    let bodyBytes = size;
    if (this.missingBytes === undefined) {
      const seen = Buffer.from(buffer.buffer, buffer.byteOffset, size);
      const header = this.partialHeader === undefined ? seen : Buffer.concat([this.partialHeader, seen]);
      const end = header.indexOf(headerEnd);
      if (end < 0) {
        // The read buffer is used again for the next chunk, so what stays has to be copied.
        this.partialHeader = Buffer.from(header);
        return true;
      }
      this.partialHeader = undefined;
      const text = header.toString('latin1', 0, end);
      this.status = Number(text.slice(9, 12));
      // A farewell that has crossed the request: the connection closes next, which leaves the request without an answer.
      if (this.status === requestTimeout) return true;
      this.missingBytes = contentLength(text);
      bodyBytes = header.length - end - headerEnd.length;
    }
    this.missingBytes -= bodyBytes;
    if (this.missingBytes <= 0 && this.waiting) this.tell(this.status);
    return true;
  }

  private tell(status: number | undefined): void {
    this.waiting = false;
    this.events.arrived({ connection: this, status, meantAtMs: this.meantAtMs });
  }

  private closed(): void {
    this.isOpen = false;
    if (this.closing) return;
    this.partialHeader = undefined;
    if (this.reopens++ < reopensMax) {
      // A failure to come back shows as a connection less and, in the end, as requests without an answer.
      this.open().catch(() => undefined);
    }
    if (this.waiting) this.tell(undefined);
  }
}

function contentLength(header: string): number {
  const named = /\r\ncontent-length: *(\d+)/i.exec(header);
  if (named === null) throw new Error(`the load generator reads answers with a Content-Length only:\n${header}`);
  return Number(named[1]);
}
