// The child process behind forkLoad: takes one job by message, runs it, answers with one report, ends.

import { runLoad, type LoadJob, type LoadReport, type RequestSourceModule } from './load.ts';

process.once('message', (job: LoadJob) => {
  run(job).then(
    (result) => report({ result }),
    (error: unknown) => report({ error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) }),
  );
});

async function run({ plan, sourceModule, settings }: LoadJob): ReturnType<typeof runLoad> {
  const module: RequestSourceModule = await import(sourceModule);
  return runLoad(plan, await module.requestSource(settings));
}

function report(report: LoadReport): void {
  process.send?.(report, undefined, undefined, () => process.disconnect());
}
