// Unary append, delete and tombstone of the EventStoreDB stand-in. Installed by server.ts.
// A wrong expected version is an ordinary answer of an append, and an error of a delete.

import { randomUUID } from 'node:crypto';
import type grpc from '@grpc/grpc-js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import type {
  AppendReq, AppendResp, DeleteReq, DeleteResp, TombstoneReq, TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import type { Append, Appended, Log } from './log.ts';
import { metadataStreamOf, metadataType, softDeletedMetadata, tombstoneType, type ExpectedVersion, type ProposedEvent } from './records.ts';
import { appendTooLarge, refusalOf, streamDeleted, wrongVersion, type Refusal } from './refusals.ts';
import { empty, expectedFrom, nameFrom, proposedFrom } from './wire.ts';

export function appendCall(log: Log, appendBytesMax: number): grpc.handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, callback) => {
    let options: AppendReq.Options | undefined;
    const events: ProposedEvent[] = [];
    let bytes = 0;
    let failure: unknown;
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message === undefined || failure !== undefined) return;
      try {
        const event = proposedFrom(message);
        bytes += sizeOf(event);
        events.push(event);
      } catch (error) {
        failure = error;
      }
    });
    call.on('end', () => {
      if (failure !== undefined || options === undefined) return callback(refusalOf(failure ?? new Error('an append begins with its options')));
      if (bytes > appendBytesMax) return callback(appendTooLarge(appendBytesMax));
      const stream = nameFrom(options.getStreamIdentifier());
      const expected = expectedFrom(options);
      log.append({ stream, expected, events }).then(
        (appended) => answer(appended, stream, expected, callback),
        (error: unknown) => callback(refusalOf(error)),
      );
    });
  };
}

/** How the server counts an append against its limit. */
export function sizeOf({ data, metadata, type }: ProposedEvent): number {
  return data.length + metadata.length + 2 * type.length;
}

function answer(appended: Appended, stream: string, expected: ExpectedVersion, callback: grpc.sendUnaryData<AppendResp>): void {
  switch (appended.outcome) {
    case 'written': {
      const success = new pb.AppendResp.Success();
      if (appended.revision === -1) success.setNoStream(empty());
      else success.setCurrentRevision(String(appended.revision));
      if (appended.position === undefined) success.setNoPosition(empty());
      else success.setPosition(positioned(new pb.AppendResp.Position(), appended.position));
      return callback(null, new pb.AppendResp().setSuccess(success));
    }
    case 'wrong-version':
      return callback(null, new pb.AppendResp().setWrongExpectedVersion(wrongVersionAnswer(appended.current, expected)));
    case 'deleted':
      return callback(streamDeleted(stream));
    default:
      return unreachable(appended);
  }
}

function wrongVersionAnswer(current: number, expected: ExpectedVersion): AppendResp.WrongExpectedVersion {
  const wrong = new pb.AppendResp.WrongExpectedVersion();
  if (current === -1) wrong.setCurrentNoStream(empty()).setNoStream2060(empty());
  else wrong.setCurrentRevision(String(current)).setCurrentRevision2060(current);
  switch (expected) {
    case 'any':
      return wrong.setExpectedAny(empty()).setAny2060(empty());
    case 'stream-exists':
      return wrong.setExpectedStreamExists(empty()).setStreamExists2060(empty());
    case 'no-stream':
      return wrong.setExpectedNoStream(empty());
    default:
      return wrong.setExpectedRevision(String(expected)).setExpectedRevision2060(expected);
  }
}

/** A soft delete is an event in the stream's metadata; the version that it expects is the stream's own. */
export function deleteCall(log: Log): grpc.handleUnaryCall<DeleteReq, DeleteResp> {
  return (call, callback) => {
    const options = call.request.getOptions() ?? new pb.DeleteReq.Options();
    const stream = nameFrom(options.getStreamIdentifier());
    const removal = { events: [systemEvent(metadataType, softDeletedMetadata)], into: metadataStreamOf(stream) };
    remove(log, { stream, expected: expectedFrom(options), ...removal }).then((removed) => {
      if (typeof removed !== 'number') return callback(removed);
      callback(null, new pb.DeleteResp().setPosition(positioned(new pb.DeleteResp.Position(), removed)));
    }, (error: unknown) => callback(refusalOf(error)));
  };
}

export function tombstoneCall(log: Log): grpc.handleUnaryCall<TombstoneReq, TombstoneResp> {
  return (call, callback) => {
    const options = call.request.getOptions() ?? new pb.TombstoneReq.Options();
    const stream = nameFrom(options.getStreamIdentifier());
    remove(log, { stream, expected: expectedFrom(options), events: [systemEvent(tombstoneType, '')] }).then((removed) => {
      if (typeof removed !== 'number') return callback(removed);
      callback(null, new pb.TombstoneResp().setPosition(positioned(new pb.TombstoneResp.Position(), removed)));
    }, (error: unknown) => callback(refusalOf(error)));
  };
}

/** Answers the position of the event that removed the stream, or the refusal. */
async function remove(log: Log, removal: Append): Promise<number | Refusal> {
  const { stream, expected } = removal;
  const removed = await log.append(removal);
  switch (removed.outcome) {
    case 'written':
      return removed.position ?? 0;
    case 'wrong-version':
      return wrongVersion(stream, expected, removed.current);
    case 'deleted':
      return streamDeleted(stream);
    default:
      return unreachable(removed);
  }
}

function systemEvent(type: string, data: string): ProposedEvent {
  return { id: randomUUID(), type, contentType: 'application/json', data: Buffer.from(data), metadata: Buffer.alloc(0) };
}

type Positioned = { setCommitPosition(value: string): Positioned; setPreparePosition(value: string): Positioned };

function positioned<Position extends Positioned>(message: Position, position: number): Position {
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return message;
}
