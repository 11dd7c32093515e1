// Reads a request's JSON body straight from its stream, within a size limit. Called by http.ts only, for routes that take a body.
// A callback and not a promise: this runs for every bet. The usual body comes as one chunk and is parsed without copying.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

import { ProblemException } from '@wagerline/shared-kernel/problems';
import type { Json } from '@wagerline/shared-kernel/values/json';

/**
 * What a refused sender may still send before the connection is cut. Reading on lets a client that writes first and reads later
 * see its 413; without a bound it would be a way to make us work.
 */
const discardBytesMax = 4 * 1_048_576;

/** Called exactly once, unless the client goes away before its body is complete: then never. */
export type JsonReceiver = { received(json: Json): void; failed(error: unknown): void };

export function readJson(request: IncomingMessage, bytesMax: number, receiver: JsonReceiver): void {
  const { headers } = request;
  if (!isJsonType(headers['content-type'])) return refuse(request, new ProblemException('CONTENT_TYPE_UNSUPPORTED'), receiver);
  const length = headers['content-length'];
  const declaredBytes = length === undefined ? undefined : Number(length);
  if (declaredBytes !== undefined && declaredBytes > bytesMax) return refuse(request, tooLarge(bytesMax), receiver);

  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let receivedBytes = 0;
  const onData = (chunk: Buffer): void => {
    receivedBytes += chunk.length;
    if (receivedBytes > bytesMax) {
      request.off('data', onData);
      request.off('end', onEnd);
      return refuse(request, tooLarge(bytesMax), receiver);
    }
    if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  };
  const onEnd = (): void => deliver(rest === undefined ? first : Buffer.concat(rest, receivedBytes), receiver);
  request.on('data', onData);
  request.on('end', onEnd);
}

function deliver(bytes: Buffer | undefined, receiver: JsonReceiver): void {
  let json: Json;
  try {
    json = parseJson(bytes);
  } catch (error) {
    return receiver.failed(error);
  }
  receiver.received(json);
}

function parseJson(bytes: Buffer | undefined): Json {
  if (bytes === undefined || !isUtf8(bytes)) throw new ProblemException('BODY_NOT_JSON');
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new ProblemException('BODY_NOT_JSON');
  }
}

function refuse(request: IncomingMessage, problem: ProblemException, receiver: JsonReceiver): void {
  let discardedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    discardedBytes += chunk.length;
    if (discardedBytes > discardBytesMax) request.destroy();
  });
  receiver.failed(problem);
}

function tooLarge(bytesMax: number): ProblemException {
  return new ProblemException('BODY_TOO_LARGE', { extensions: { bodyBytesMax: bytesMax } });
}

/** `application/json`, alone or with parameters (a charset; JSON is UTF-8 whatever it says). */
function isJsonType(type: string | undefined): boolean {
  return type === 'application/json' || (type !== undefined && /^application\/json\s*(;|$)/i.test(type));
}
