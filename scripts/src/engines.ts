// `npm run engines -- start|stop|status|wipe|kill [NAME ...]`: the five engines on this machine without Docker, for development and tests.
// They listen on loopback only; what they keep is below .wagerline/engines.

import { engineNames, type EngineName } from '@wagerline/infra/testing/engines-names';
import { runTool, ToolError, UsageError, type Output } from './cli.ts';
import { allEngines } from './engines/all-engines.ts';
import { openFleet, type EngineStatus, type Fleet } from './engines/fleet.ts';

const actions = ['start', 'stop', 'restart', 'kill', 'wipe', 'status'] as const;
type Action = (typeof actions)[number];

await runTool({
  name: 'engines',
  says: `Starts, stops and kills EventStoreDB, Kafka, MongoDB, Redis and Elasticsearch natively: all of them where none is named.
  start    fetches what is missing and waits until each has answered a request
  stop     ends them in order; restart is stop and start, on the same data
  kill     SIGKILL, for tests of failure
  wipe     stops them and deletes their data and logs; downloads stay
  status   exit code 0 when all that are named run
EventStoreDB is our own double, MongoDB a stand-in: status says what each does not show.`,
  operands: `${actions.join('|')} [${engineNames.join('|')} ...]`,
  options: {
    dir: { kind: 'text', value: 'DIR', says: 'where they keep data and logs (default .wagerline/engines/run)' },
    'free-ports': { kind: 'flag', says: 'start on any free ports instead of the usual ones' },
  },
  async run(given, output) {
    const [action, ...names] = given.operands;
    const dir = given.text('dir');
    const fleet = openFleet({ ...(dir !== undefined && { dir }), freePorts: given.flag('free-ports'), say: output.progress });
    const chosen = enginesNamed(names);
    const failures = await act(fleet, actionNamed(action), chosen, output);
    const statuses = await Promise.all(chosen.map((name) => fleet.status(name)));
    if (given.json) output.json(statuses);
    else for (const status of statuses) output.line(described(status));
    if (failures.length > 0) throw new ToolError(failures.join('\n'));
    return action !== 'status' || statuses.every(({ state }) => state === 'running');
  },
});

/** Every engine is tried. Answers what went wrong, an engine each. */
async function act(fleet: Fleet, action: Action, names: readonly EngineName[], output: Output): Promise<readonly string[]> {
  if (action === 'status') return [];
  const failures: string[] = [];
  const tried = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  const starts = action === 'start' || action === 'restart';
  const ready: EngineName[] = [];
  for (const name of names) if (!starts || (await tried(() => fleet.install(name)))) ready.push(name);
  await Promise.all(ready.map((name) => tried(() => actOn(fleet, action, name, output))));
  return failures;
}

async function actOn(fleet: Fleet, action: Exclude<Action, 'status'>, name: EngineName, output: Output): Promise<void> {
  if (action === 'restart') await fleet.stop(name);
  if (action !== 'start' && action !== 'restart') return fleet[action](name);
  const { startedMs, url } = await fleet.start(name);
  output.progress(`${name}: answers at ${url} after ${startedMs} ms`);
}

function actionNamed(text: string | undefined): Action {
  const action = actions.find((name) => name === text);
  if (action === undefined) throw new UsageError(`the first word is one of ${actions.join(', ')}`);
  return action;
}

/** None named: all that this checkout has. */
function enginesNamed(texts: readonly string[]): readonly EngineName[] {
  if (texts.length === 0) return engineNames.filter((name) => allEngines[name].absent() === undefined);
  return texts.map((text) => {
    const name = engineNames.find((each) => each === text);
    if (name === undefined) throw new UsageError(`"${text}" is none of ${engineNames.join(', ')}`);
    return name;
  });
}

function described({ name, state, version, standIn, url, pid, log }: EngineStatus): string {
  const line = [name.padEnd(13), state.padEnd(8), version, url, pid === undefined ? undefined : `pid ${pid}`, `log ${log}`];
  return [line.filter((part) => part !== undefined).join('  '), ...(standIn === undefined ? [] : [`              stand-in: ${standIn}`])].join('\n');
}
