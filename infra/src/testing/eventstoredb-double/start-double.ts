// Starts the stand-in for an EventStoreDB server as a process of its own, for tests and the engines' harness: it can be stopped, killed
// without warning, paused, and started again on the same file and port.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export type Double = {
  readonly connectionString: string;
  readonly file: string;
  /** Starts it again where it was, after `stop` or `kill`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** As a power switch would, apart from what the system has not yet written to disk. */
  kill(): Promise<void>;
  /** It stays connected and answers nothing. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its file. */
  close(): Promise<void>;
};

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const readyLine = z.object({ port: z.int() });

/** `flags` are those of main.ts. */
export async function startDouble({ flags = [] }: { readonly flags?: readonly string[] } = {}): Promise<Double> {
  const folder = await mkdtemp(join(tmpdir(), 'eventstoredb-'));
  const file = join(folder, 'events.log');
  let port = 0;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(process.execPath, [program, '--port', String(port), '--file', file, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    const failed = once(child, 'exit').then(([code]): never => {
      throw new Error(`the stand-in ended with ${code} before it listened`);
    });
    const lines = createInterface({ input: child.stdout! });
    const [line]: unknown[] = await Promise.race([once(lines, 'line'), failed]);
    port = readyLine.parse(JSON.parse(String(line))).port;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    if (signal !== 'SIGKILL') running.kill('SIGCONT');
    await ended;
  }

  await start();
  return {
    connectionString: `esdb://127.0.0.1:${port}?tls=false`,
    file,
    restart: start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async close() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
