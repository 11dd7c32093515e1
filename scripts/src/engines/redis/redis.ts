// Engine "redis": the real server of the system, from Debian's package where it is missing. Listed in engines.ts.
// It appends every write to its file before it answers, so SIGKILL loses nothing; a power cut may lose a second.

import { join } from 'node:path';
import { ToolError } from '../../cli.ts';
import { engineEnvironment } from '../config.ts';
import type { Engine } from '../engine.ts';
import { ensureProgram } from '../packages.ts';
import { runCommand } from '../run-command.ts';

const majorMin = 7;

export const redis: Engine = {
  name: 'redis',
  version: `${majorMin} or newer`,
  standIn: undefined,
  defaultPorts: { client: 6379 },
  absent: () => undefined,
  /** Answers the program itself: the system keeps it. */
  async install(_cacheDir, say) {
    const server = await ensureProgram('redis-server', 'redis-server', say);
    const [, version = '', major = '0'] = /v=((\d+)[\d.]*)/.exec(await runCommand(server, ['--version'], engineEnvironment())) ?? [];
    if (Number(major) < majorMin) throw new ToolError(`${server} is version ${version}, at least ${majorMin} is needed`);
    return server;
  },
  prepare: () => Promise.resolve(),
  command: ({ installed, dir, ports }) => {
    const settings = { port: ports.client, bind: '127.0.0.1', dir: join(dir, 'data'), save: '', appendonly: 'yes', appendfsync: 'everysec' };
    return Promise.resolve({ file: installed, args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]) });
  },
  url: (port) => `redis://127.0.0.1:${port}`,
};
