// The stand-in for an EventStoreDB server: the calls of this folder, server features and gossip on one port. Started by main.ts.
// It is for tests where no real server can be had: without TLS, users, projections, persistent subscriptions, links, $maxAge and scavenging.

import grpc from '@grpc/grpc-js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { appendCall, deleteCall, tombstoneCall } from './append-calls.ts';
import { batchAppendCall } from './batch-calls.ts';
import { Log } from './log.ts';
import { readCall, type SubscriptionFault } from './read-calls.ts';
import { ticksOf } from './records.ts';
import { uuidOf } from './wire.ts';

export type DoubleServerOptions = {
  readonly path: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly appendBytesMax: number;
  /** Without it the client makes every append a call of its own. */
  readonly hasBatchAppend: boolean;
  readonly version: string;
  readonly subscriptionFault: SubscriptionFault;
};

export type DoubleServer = {
  readonly port: number;
  /** Calls on their way are cut off; everything acknowledged is durable already. */
  close(): void;
};

const host = '127.0.0.1';
const receiveBytesMax = 17 * 1024 * 1024;
const streamsService = 'event_store.client.streams.streams';

export async function startDoubleServer(options: DoubleServerOptions): Promise<DoubleServer> {
  const log = new Log(options.path, Date.now);
  const server = new grpc.Server({ 'grpc.max_receive_message_length': receiveBytesMax });
  const streams: IStreamsServer = {
    append: appendCall(log, options.appendBytesMax),
    batchAppend: batchAppendCall(log, options.appendBytesMax),
    delete: deleteCall(log),
    tombstone: tombstoneCall(log),
    read: readCall(log, options.subscriptionFault),
  };
  server.addService(streamsGrpc.StreamsService, streams);
  server.addService(featuresGrpc.ServerFeaturesService, features(options));
  const port = await new Promise<number>((resolve, reject) => {
    // Gossip names the port, so it can be added only with a number that was chosen before.
    server.bindAsync(`${host}:${options.port}`, grpc.ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  server.addService(gossipGrpc.GossipService, gossip(port));
  return {
    port,
    close() {
      server.forceShutdown();
      log.close();
    },
  };
}

function features({ hasBatchAppend, version }: DoubleServerOptions): grpc.UntypedServiceImplementation {
  const names = ['append', 'read', 'delete', 'tombstone', ...(hasBatchAppend ? ['batchappend'] : [])];
  const getSupportedMethods: grpc.handleUnaryCall<unknown, featuresPb.SupportedMethods> = (_call, callback) => {
    const methods = names.map((name) => new featuresPb.SupportedMethod().setMethodName(name).setServiceName(streamsService));
    callback(null, new featuresPb.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(version));
  };
  return { getSupportedMethods };
}

/** A cluster of one: this server, its leader. */
function gossip(port: number): grpc.UntypedServiceImplementation {
  const id = crypto.randomUUID();
  const read: grpc.handleUnaryCall<unknown, gossipPb.ClusterInfo> = (_call, callback) => {
    const member = new gossipPb.MemberInfo().setInstanceId(uuidOf(id, 'text')).setTimeStamp(ticksOf(Date.now())).setIsAlive(true);
    member.setState(gossipPb.MemberInfo.VNodeState.LEADER).setHttpEndPoint(new gossipPb.EndPoint().setAddress(host).setPort(port));
    callback(null, new gossipPb.ClusterInfo().setMembersList([member]));
  };
  return { read };
}
