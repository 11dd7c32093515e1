// What every figure is compared with: express 5 and nothing else. Each body is read here (no body-parser), parsed and validated with
// the schema of the real route; the answer is a 201 of as many bytes as the real one. It stores nothing and checks no token.
// A process of its own: the bench sends the texts of its answers by number of legs, and it answers with its port.

import { createServer } from 'node:http';
import { slipSchema } from '@wagerline/command-side/slip';
import express, { type Request, type Response } from 'express';

export type BareSettings = { readonly answers: readonly string[] };

process.once('message', ({ answers }: BareSettings) => {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.post('/v1/bets', (request, response) => read(request, response, answers));
  const server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, app);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) process.send?.(address.port);
  });
});
process.once('disconnect', () => process.exit(0));

function read(request: Request, response: Response, answers: readonly string[]): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const slip = slipSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    const text = slip.success ? (answers[slip.data.legs.length - 1] ?? '') : '';
    response.writeHead(slip.success ? 201 : 400, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  });
}
