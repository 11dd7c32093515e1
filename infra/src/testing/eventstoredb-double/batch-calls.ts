// Batch append of the EventStoreDB stand-in: many appends in one call, answered as they are done. Installed by server.ts.
// Its messages say the same as those of unary appends with other names.

import type grpc from '@grpc/grpc-js';
import pb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { unreachable } from '@wagerline/shared-kernel/values/unreachable';
import { sizeOf } from './append-calls.ts';
import type { Appended, Log } from './log.ts';
import type { ExpectedVersion, ProposedEvent } from './records.ts';
import { identifierOf, nameFrom, proposedFrom, uuidFrom } from './wire.ts';

/** Options come with an append's first message only; the last one says that it is the last. */
type Gathering = { readonly first: BatchAppendReq; readonly events: ProposedEvent[] };

const appendsGatheredMax = 10_000;
/** google.rpc.Code */
const failedPrecondition = 9;
const invalidArgument = 3;
const unknownCode = 2;

export function batchAppendCall(log: Log, appendBytesMax: number): grpc.handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> {
  return (call) => {
    const gathering = new Map<string, Gathering>();
    call.on('data', (request: BatchAppendReq) => {
      const id = uuidFrom(request.getCorrelationId());
      const gathered = gathering.get(id) ?? { first: request, events: [] };
      gathering.set(id, gathered);
      if (gathering.size > appendsGatheredMax) return call.destroy(new Error('too many appends in one call'));
      try {
        gathered.events.push(...request.getProposedMessagesList().map(proposedFrom));
      } catch {
        gathering.delete(id);
        return void call.write(failed(gathered.first, invalidArgument, 'Required Metadata Property is missing.', new sharedPb.Unknown(), 'Unknown'));
      }
      if (!request.getIsFinal()) return;
      gathering.delete(id);
      append(log, appendBytesMax, gathered).then((response) => call.write(response), (error: Error) => call.destroy(error));
    });
    call.on('end', () => call.end());
  };
}

async function append(log: Log, appendBytesMax: number, { first, events }: Gathering): Promise<BatchAppendResp> {
  const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0);
  if (bytes > appendBytesMax) {
    const detail = new sharedPb.MaximumAppendSizeExceeded().setMaxappendsize(appendBytesMax);
    return failed(first, invalidArgument, 'Maximum Append Size Exceeded.', detail, 'MaximumAppendSizeExceeded');
  }
  const options = first.getOptions() ?? new pb.BatchAppendReq.Options();
  const stream = nameFrom(options.getStreamIdentifier());
  const expected = expectedOf(options);
  return answer(await log.append({ stream, expected, events }), first, stream, expected);
}

function expectedOf(options: BatchAppendReq.Options): ExpectedVersion {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

function answer(appended: Appended, first: BatchAppendReq, stream: string, expected: ExpectedVersion): BatchAppendResp {
  switch (appended.outcome) {
    case 'written': {
      const success = new pb.BatchAppendResp.Success();
      if (appended.revision === -1) success.setNoStream(new emptyPb.Empty());
      else success.setCurrentRevision(String(appended.revision));
      if (appended.position === undefined) return responseTo(first).setSuccess(success.setNoPosition(new emptyPb.Empty()));
      const position = new sharedPb.AllStreamPosition().setCommitPosition(String(appended.position));
      return responseTo(first).setSuccess(success.setPosition(position.setPreparePosition(String(appended.position))));
    }
    case 'wrong-version': {
      const detail = wrongVersionDetail(appended.current, expected);
      return failed(first, failedPrecondition, 'WrongExpectedVersion', detail, 'WrongExpectedVersion');
    }
    case 'deleted': {
      const detail = new sharedPb.StreamDeleted().setStreamIdentifier(identifierOf(stream));
      return failed(first, failedPrecondition, `Event stream '${stream}' is deleted.`, detail, 'StreamDeleted');
    }
    default:
      return unreachable(appended);
  }
}

function wrongVersionDetail(current: number, expected: ExpectedVersion): sharedPb.WrongExpectedVersion {
  const wrong = new sharedPb.WrongExpectedVersion();
  if (current === -1) wrong.setCurrentNoStream(new emptyPb.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  switch (expected) {
    case 'any':
      return wrong.setExpectedAny(new emptyPb.Empty());
    case 'stream-exists':
      return wrong.setExpectedStreamExists(new emptyPb.Empty());
    case 'no-stream':
      return wrong.setExpectedNoStream(new emptyPb.Empty());
    default:
      return wrong.setExpectedStreamPosition(String(expected));
  }
}

function responseTo(first: BatchAppendReq): BatchAppendResp {
  const response = new pb.BatchAppendResp().setCorrelationId(first.getCorrelationId());
  return response.setStreamIdentifier(first.getOptions()?.getStreamIdentifier());
}

function failed(first: BatchAppendReq, code: number, message: string, detail: { serializeBinary(): Uint8Array }, name: string): BatchAppendResp {
  const details = new anyPb.Any();
  details.pack(detail.serializeBinary(), `event_store.client.${name}`);
  return responseTo(first).setError(new statusPb.Status().setCode(code === 0 ? unknownCode : code).setMessage(message).setDetails(details));
}
