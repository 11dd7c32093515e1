// What every tool's command line has in common: --help, --json, checked options, progress, exit codes. Called by scripts/src/*.ts.
// The result goes to standard output, alone; progress and complaints go to standard error.

import { parseArgs } from 'node:util';

/** `text` and `integer` take a value; an integer is checked against its bounds. `value` names it in the help text. */
export type Option =
  | { readonly kind: 'flag'; readonly says: string }
  | { readonly kind: 'text'; readonly value: string; readonly says: string; readonly oneOf?: readonly string[] }
  | { readonly kind: 'integer'; readonly value: string; readonly says: string; readonly min: number; readonly max: number };

export type Tool<Name extends string> = {
  /** As called: `season`. */
  readonly name: string;
  readonly says: string;
  /** How the arguments that are no options read: `verify`, `NAME`. Without it there are none. */
  readonly operands?: string;
  readonly options: Readonly<Record<Name, Option>>;
  /** False = the tool ran and what it checked is not right: exit code 1, as after an exception. */
  run(given: Given<Name>, output: Output): Promise<boolean>;
};

export type Given<Name extends string> = {
  readonly operands: readonly string[];
  readonly json: boolean;
  flag(name: Name): boolean;
  text(name: Name): string | undefined;
  integer(name: Name): number | undefined;
};

export type Output = {
  /** One line of the result. */
  line(text: string): void;
  /** What goes on at the moment: overwrites itself on a terminal, a line each time otherwise. */
  progress(text: string): void;
  /** The whole result as JSON. */
  json(value: unknown): void;
};

/** The command line is wrong: exit code 2 and a pointer to --help. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A failure that says all there is to say: printed without a stack, exit code 1. */
export class ToolError extends Error {
  override name = 'ToolError';
}

/** What a process has: injected, so that tests see what a tool writes. */
export type Streams = {
  readonly out: { write(text: string): unknown };
  readonly error: { write(text: string): unknown; readonly isTTY?: boolean };
};

/** Called by a tool's file as its last line; sets the exit code of the process when the tool has ended. */
export async function runTool<Name extends string>(tool: Tool<Name>): Promise<void> {
  process.exitCode = await toolExitCode(tool, process.argv.slice(2), { out: process.stdout, error: process.stderr });
}

export async function toolExitCode<Name extends string>(tool: Tool<Name>, args: readonly string[], { out, error }: Streams): Promise<number> {
  const progress = progressOn(error);
  try {
    if (args.includes('--help')) {
      out.write(helpText(tool));
      return 0;
    }
    const given = givenOptions(tool, args);
    const output: Output = {
      line: (text) => {
        progress.clear();
        out.write(`${text}\n`);
      },
      progress: (text) => progress.show(text),
      json: (value) => void out.write(`${JSON.stringify(value, null, 2)}\n`),
    };
    const right = await tool.run(given, output);
    progress.clear();
    return right ? 0 : 1;
  } catch (failure) {
    progress.clear();
    if (failure instanceof UsageError) {
      error.write(`${tool.name}: ${failure.message}\nnpm run ${tool.name} -- --help says more\n`);
      return 2;
    }
    error.write(`${tool.name}: ${described(failure)}\n`);
    return 1;
  }
}

export function helpText<Name extends string>(tool: Tool<Name>): string {
  const options: readonly (readonly [string, Option])[] = [
    ...Object.entries<Option>(tool.options),
    ['json', { kind: 'flag', says: 'print the result as JSON' }],
    ['help', { kind: 'flag', says: 'print this and end' }],
  ];
  const spelled = options.map(([name, option]) => [option.kind === 'flag' ? `--${name}` : `--${name} ${option.value}`, option.says] as const);
  const width = Math.max(...spelled.map(([left]) => left.length));
  const lines = spelled.map(([left, says]) => `  ${left.padEnd(width)}  ${says}`);
  const usage = [`npm run ${tool.name} --`, tool.operands, '[options]'].filter((part) => part !== undefined).join(' ');
  return `${usage}\n\n${tool.says}\n\n${lines.join('\n')}\n`;
}

function givenOptions<Name extends string>(tool: Tool<Name>, args: readonly string[]): Given<Name> {
  const { values, positionals } = parsed(tool, args);
  if (tool.operands === undefined && positionals[0] !== undefined) throw new UsageError(`"${positionals[0]}" is not expected here`);
  const numbers = new Map<string, number>();
  for (const [name, option] of Object.entries<Option>(tool.options)) {
    const value = values[name];
    if (typeof value !== 'string') continue;
    if (option.kind === 'integer') numbers.set(name, checkedInteger(name, value, option.min, option.max));
    if (option.kind === 'text' && option.oneOf?.includes(value) === false) throw new UsageError(`--${name} takes ${option.oneOf.join(' or ')}`);
  }
  return {
    operands: positionals,
    json: values['json'] === true,
    flag: (name) => values[name] === true,
    text: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    integer: (name) => numbers.get(name),
  };
}

function parsed<Name extends string>(tool: Tool<Name>, args: readonly string[]) {
  const options: Record<string, { type: 'boolean' | 'string' }> = { json: { type: 'boolean' } };
  for (const [name, option] of Object.entries<Option>(tool.options)) options[name] = { type: option.kind === 'flag' ? 'boolean' : 'string' };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function checkedInteger(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min || value > max) throw new UsageError(`--${name} takes a whole number from ${min} to ${max}`);
  return value;
}

function described(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure instanceof ToolError ? failure.message : (failure.stack ?? failure.message);
}

function progressOn(stream: Streams['error']): { show(text: string): void; clear(): void } {
  let shown: string | undefined;
  let isDrawn = false;
  const clear = (): void => {
    if (isDrawn) stream.write('\r\u001b[K');
    isDrawn = false;
  };
  return {
    clear,
    show(text) {
      if (text === shown) return;
      shown = text;
      isDrawn = stream.isTTY === true;
      stream.write(isDrawn ? `\r\u001b[K${text}` : `${text}\n`);
    },
  };
}
