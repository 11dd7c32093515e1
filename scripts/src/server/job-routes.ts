// Operators' work on a running server over HTTP: prove the ledger, rebuild a read model, look at parked keys and redrive them.

import { parseBody, parseParams, type Route } from '@wagerline/infra/http';
import type { InfraLink } from '@wagerline/infra/open-infra';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { ProblemException } from '@wagerline/shared-kernel/problems';
import { z } from 'zod';
import { Jobs, type Work } from './jobs.ts';
import type { Operations } from './operations.ts';
import { startPart } from './part.ts';
import { isSettlementJob, settlementJobs, settlementWork } from './settlement-jobs.ts';

const model = z.enum(readModels.map(({ name }) => name));
const newJob = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ledger-verify') }),
  z.strictObject({ kind: z.literal('rebuild'), model }),
  z.strictObject({ kind: z.literal('hash'), model, position: z.int().min(0).nullable() }),
  z.strictObject({ kind: z.literal('hash-live'), model }),
  ...settlementJobs,
]);
const jobPath = z.strictObject({ jobId: z.uuid() });
const redrive = z.strictObject({ model, stream: z.string().min(1).max(200) });

export function jobRoutes(operations: Pick<Operations, 'projections' | 'connect' | 'settlementProgress'>): readonly Route[] {
  const { projections, connect } = operations;
  const jobs = new Jobs();
  const admin = { roles: ['admin'] } as const;

  function begin(asked: z.infer<typeof newJob>): Work {
    if (asked.kind === 'ledger-verify') return verifyLedger(connect());
    if (isSettlementJob(asked)) return settlementWork(asked, operations);
    const result = projections.request(asked.kind, asked.kind === 'hash' ? [asked.model, asked.position] : asked.model);
    return { result, progress: () => projections.request('progress') };
  }

  return [
    {
      ...admin,
      method: 'POST',
      path: '/admin/jobs',
      body: 'json',
      handler({ json }) {
        const asked = parseBody(newJob, json);
        const jobId = jobs.start(asked.kind, () => begin(asked));
        if (jobId === undefined) throw new ProblemException('JOBS_OVER_LIMIT');
        return { status: 202, body: { jobId }, headers: { Location: `/admin/jobs/${jobId}` } };
      },
    },
    {
      ...admin,
      method: 'GET',
      path: '/admin/jobs/:jobId',
      body: 'none',
      async handler({ params }) {
        const job = await jobs.show(parseParams(jobPath, params).jobId);
        if (job === undefined) throw new ProblemException('JOB_NOT_FOUND');
        return { status: 200, body: job };
      },
    },
    {
      ...admin,
      method: 'GET',
      path: '/admin/parked',
      body: 'none',
      handler: async () => ({ status: 200, body: { models: await projections.request('parked') } }),
    },
    {
      ...admin,
      method: 'POST',
      path: '/admin/parked/redrive',
      body: 'json',
      async handler({ json }) {
        const asked = parseBody(redrive, json);
        return { status: 200, body: { outcome: await projections.request('redrive', [asked.model, asked.stream]) } };
      },
    },
  ];
}

/** On a thread of its own, which ends when the proof is there: it reads the whole log. */
function verifyLedger(link: InfraLink): Work {
  const part = startPart('ledger', new URL('./ledger-part.ts', import.meta.url), link);
  const failed = part.failed.then((error) => Promise.reject(error));
  const result = Promise.race([part.request('result'), failed]).finally(() => part.stop());
  return { result, progress: () => part.request('progress') };
}
