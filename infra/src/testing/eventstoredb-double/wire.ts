// Between the generated messages of the client package and the types of this folder: the one place that knows their encodings.
// 64-bit numbers are decimal strings there, stream names are bytes, ids come as text or as two halves.

import pb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { revisionText, type ExpectedVersion, type ProposedEvent, type StoredEvent } from './records.ts';
import { MissingMetadataError } from './refusals.ts';

export type UuidForm = 'text' | 'halves';

/** What unary and batch appends propose alike. */
type ProposedMessage = {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
};

export const empty = (): sharedPb.Empty => new sharedPb.Empty();

export function nameFrom(identifier: StreamIdentifier | undefined): string {
  return identifier === undefined ? '' : Buffer.from(identifier.getStreamName_asU8()).toString('utf8');
}

export function identifierOf(stream: string): StreamIdentifier {
  return new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));
}

/** Lower case, as the server gives them back. */
export function uuidFrom(uuid: UUID | undefined): string {
  const halves = uuid?.getStructured();
  if (halves === undefined) return (uuid?.getString() ?? '').toLowerCase();
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt(halves.getMostSignificantBits()), 0);
  bytes.writeBigInt64BE(BigInt(halves.getLeastSignificantBits()), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function uuidOf(text: string, form: UuidForm): UUID {
  const uuid = new sharedPb.UUID();
  if (form === 'text') return uuid.setString(text);
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  const halves = new sharedPb.UUID.Structured();
  halves.setMostSignificantBits(String(bytes.readBigInt64BE(0)));
  halves.setLeastSignificantBits(String(bytes.readBigInt64BE(8)));
  return uuid.setStructured(halves);
}

/** @throws MissingMetadataError */
export function proposedFrom(message: ProposedMessage): ProposedEvent {
  const metadata = message.getMetadataMap();
  const type = metadata.get('type');
  const contentType = metadata.get('content-type');
  if (type === undefined || contentType === undefined) throw new MissingMetadataError();
  return { id: uuidFrom(message.getId()), type, contentType, data: message.getData_asU8(), metadata: message.getCustomMetadata_asU8() };
}

/** Unary appends, deletes and tombstones have these. */
type UnaryExpectation = {
  hasRevision(): boolean;
  getRevision(): string;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
};

export function expectedFrom(options: UnaryExpectation): ExpectedVersion {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

export function eventResponse(event: StoredEvent, form: UuidForm): ReadResp {
  const position = String(event.position);
  const recorded = new pb.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(uuidOf(event.id, form)).setStreamIdentifier(identifierOf(event.stream)).setStreamRevision(revisionText(event.revision));
  recorded.setCommitPosition(position).setPreparePosition(position);
  recorded.getMetadataMap().set('type', event.type).set('content-type', event.contentType).set('created', event.created);
  recorded.setData(event.data).setCustomMetadata(event.metadata);
  return new pb.ReadResp().setEvent(new pb.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position));
}

export function notFoundResponse(stream: string): ReadResp {
  return new pb.ReadResp().setStreamNotFound(new pb.ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(stream)));
}

export function confirmationResponse(id: string): ReadResp {
  return new pb.ReadResp().setConfirmation(new pb.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));
}

export function checkpointResponse(position: number): ReadResp {
  const checkpoint = new pb.ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position));
  return new pb.ReadResp().setCheckpoint(checkpoint);
}

export function caughtUpResponse(): ReadResp {
  return new pb.ReadResp().setCaughtUp(new pb.ReadResp.CaughtUp());
}

export type ReadFrom = 'start' | 'end' | number;

/** `max` is a double: the client asks for 2^53 - 1 when it wants everything. */
export type ReadRequest = {
  readonly source: { readonly stream: string } | 'all';
  readonly from: ReadFrom;
  readonly isBackwards: boolean;
  readonly form: UuidForm;
  readonly filter: EventFilter | undefined;
  readonly max: number;
  readonly isSubscription: boolean;
};

export type EventFilter = {
  readonly allows: (stream: string, type: string) => boolean;
  /** A subscription reports its position after so many events, matching or not. */
  readonly checkpointEvents: number;
};

const defaultWindow = 32;

export function readFrom(request: ReadReq): ReadRequest {
  const options = request.getOptions() ?? new pb.ReadReq.Options();
  const stream = options.getStream();
  const all = options.getAll();
  const shared = {
    isBackwards: options.getReadDirection() === pb.ReadReq.Options.ReadDirection.BACKWARDS,
    form: options.getUuidOption()?.hasString() === true ? ('text' as const) : ('halves' as const),
    filter: filterFrom(options.getFilter()),
    max: Number(options.getCount()),
    isSubscription: options.hasSubscription(),
  };
  if (stream !== undefined) {
    const from = stream.hasRevision() ? Number(stream.getRevision()) : stream.hasEnd() ? 'end' : 'start';
    return { ...shared, source: { stream: nameFrom(stream.getStreamIdentifier()) }, from };
  }
  const position = all?.getPosition();
  const from = position !== undefined ? Number(position.getCommitPosition()) : all?.hasEnd() === true ? 'end' : 'start';
  return { ...shared, source: 'all', from };
}

function filterFrom(filter: ReadReq.Options.FilterOptions | undefined): EventFilter | undefined {
  if (filter === undefined) return undefined;
  const onStream = filter.getStreamIdentifier();
  const expression = onStream ?? filter.getEventType();
  const regex = expression?.getRegex() ?? '';
  const prefixes = expression?.getPrefixList() ?? [];
  const pattern = regex === '' ? undefined : new RegExp(regex);
  const matches = (text: string): boolean => (pattern === undefined ? prefixes.some((prefix) => text.startsWith(prefix)) : pattern.test(text));
  const window = filter.hasMax() ? filter.getMax() : defaultWindow;
  return {
    allows: (stream, type) => matches(onStream === undefined ? type : stream),
    checkpointEvents: window * Math.max(1, filter.getCheckpointintervalmultiplier()),
  };
}
