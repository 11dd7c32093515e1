// Ids that are derived, never drawn: the same command gives the same bet, the same events and the same stream names on every try.
// Called at the edge and by handle-command. Nothing here may ever change: the log is full of these ids.

import { hash } from 'node:crypto';

import { canonicalJson, type Json } from './json.ts';
import { assert } from './unreachable.ts';

/** Fixed namespaces (RFC 9562): ids of different kinds never meet, even when they are made of the same name. */
const betNamespace = '5b0d6c9e-0f4a-4f3c-8a51-6b1f6f6f0a01';
const commandNamespace = '5b0d6c9e-0f4a-4f3c-8a51-6b1f6f6f0a02';
const eventNamespace = '5b0d6c9e-0f4a-4f3c-8a51-6b1f6f6f0a03';

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Lower case only: the id is part of stream names, where case matters. */
export function isUuid(text: string): boolean {
  return uuidText.test(text);
}

/** RFC 9562 version 5: SHA-1 over the namespace's bytes and the name in UTF-8. */
export function uuidV5(namespace: string, name: string): string {
  const digest = hash('sha1', bytesToHash(namespaceBytes(namespace), name), 'hex');
  const variant = '89ab'.charAt(Number.parseInt(digest.charAt(16), 16) & 3);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** Written over by every call: ids are made several times per bet, and new memory for each would cost more than the hash. */
const scratch = Buffer.alloc(16_384);
const utf8BytesPerCharacterMax = 3;

function bytesToHash(namespace: Buffer, name: string): Buffer {
  if (namespace.length + name.length * utf8BytesPerCharacterMax > scratch.length) return Buffer.concat([namespace, Buffer.from(name, 'utf8')]);
  namespace.copy(scratch);
  return scratch.subarray(0, namespace.length + scratch.write(name, namespace.length, 'utf8'));
}

const ownNamespaces = new Map([betNamespace, commandNamespace, eventNamespace].map((namespace) => [namespace, bytesOf(namespace)]));

function namespaceBytes(namespace: string): Buffer {
  return ownNamespaces.get(namespace) ?? bytesOf(namespace);
}

function bytesOf(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  assert(bytes.length === 16, `a namespace is a UUID: ${uuid.slice(0, 40)}`);
  return bytes;
}

/** One bet per account and idempotency key. */
export function betIdOf(accountId: string, idempotencyKey: string): string {
  return uuidV5(betNamespace, JSON.stringify([accountId, idempotencyKey]));
}

/** As JSON, so that no two lists of parts run together into one name. */
export function commandIdOf(...parts: readonly (string | number)[]): string {
  return uuidV5(commandNamespace, JSON.stringify(parts));
}

/** The id of the event at `index` among those that one command wrote: an append that is sent again is stored once. */
export function eventIdOf(commandId: string, index: number): string {
  return uuidV5(eventNamespace, `${commandId}/${index}`);
}

export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The order of members does not matter; every value does. */
export function requestHashOf(body: Json): string {
  return sha256Hex(canonicalJson(body));
}

export const accountStream = (accountId: string): string => `account-${accountId}`;
export const marketStream = (marketId: string): string => `market-${marketId}`;
export const fixtureStream = (fixtureId: string): string => `fixture-${fixtureId}`;
/** Outside the domain prefixes: heartbeats are neither relayed nor projected. */
export const heartbeatStream = (processId: string): string => `heartbeat-${processId}`;

export const domainPrefixes: readonly string[] = ['account-', 'market-', 'fixture-'];

/** The part after the first "-": the account, market or fixture id. */
export function streamIdOf(stream: string): string {
  const dash = stream.indexOf('-');
  assert(dash > 0, `a stream name has a prefix: ${stream.slice(0, 100)}`);
  return stream.slice(dash + 1);
}

/** Settlement work is cut into this many slots; a slot owns whole accounts. */
export const slotCount = 64;

/** Stable for ever: FNV-1a over the characters, then mixed so that the low bits depend on all of them. */
export function slotOf(accountId: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < accountId.length; index += 1) mixed = Math.imul(mixed ^ accountId.charCodeAt(index), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % slotCount;
}
