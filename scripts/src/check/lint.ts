// Checker "lint": ESLint with the rules of eslint.config.mjs. Called by check.ts over everything, by its test over single files.

import { relative } from 'node:path';
import { z } from 'zod';
import { runTool, unexplained } from './run-tool.ts';
import { verdictOver, type Verdict } from './checker.ts';

const Results = z.array(
  z.object({
    filePath: z.string(),
    messages: z.array(z.object({ ruleId: z.string().nullable(), line: z.number().optional(), message: z.string() })),
  }),
);

export type LintFinding = { readonly file: string; readonly rule: string; readonly text: string };

/** Lints the given files or folders; answers the files read and what was found in them. */
export async function lintFiles(root: string, targets: readonly string[]): Promise<{ files: string[]; findings: LintFinding[] }> {
  const run = await runTool(root, 'eslint', ['--format', 'json', ...targets]);
  if (!run.stdout.startsWith('[')) return { files: [], findings: [{ file: '', rule: 'eslint', text: unexplained('eslint', run).join('\n') }] };
  const results = Results.parse(JSON.parse(run.stdout)).map((result) => ({ ...result, file: relative(root, result.filePath) }));
  const findings = results.flatMap(({ file, messages }) =>
    messages.map(({ ruleId, line, message }) => ({ file, rule: ruleId ?? 'parse', text: `${file}:${line ?? 1} ${message} (${ruleId ?? 'parse'})` })),
  );
  return { files: results.map((result) => result.file), findings };
}

export async function checkLint(root: string): Promise<Verdict> {
  const { files, findings } = await lintFiles(root, ['.']);
  return verdictOver(files, findings.map((finding) => finding.text));
}
