// The child process behind forkLoad: takes one job by message, runs it, answers with one report, ends.

import { spawnSync } from 'node:child_process';
import { runLoad, type LoadJob, type LoadReport, type RequestSourceModule } from './load.ts';

// A batch thread waits until the server has given its core away: woken by each answer it would interrupt the server thousands of times a second,
// as clients on machines of their own never do. Where there is no chrt (util-linux) the figures are a little lower.
spawnSync('chrt', ['--batch', '--pid', '0', `${process.pid}`], { stdio: 'ignore' });

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
