// The rules of tidy that read lines: length, white space, the header, and places of one machine that a text must not name.
// Called by tidy.ts.

import { extname } from 'node:path';
import type { SourceFile } from './source-tree.ts';

const lineLengthMax = 160;
const fileLinesMax = 300;
const headerLinesMax = 4;

const machinePath = /(^|[\s'"`(=:,])\/(work|home|tmp|root|Users)\/\w/;
const registryHost = /https?:\/\/[^\s"'/]*(registry|artifactory|nexus|verdaccio|mirror)/;
const registrySetting = /^\s*(@[\w-]+:)?registry\s*=/;

type Rule = { readonly applies: (path: string) => boolean; readonly broken: (line: string) => boolean; readonly says: string };

const isCode = (path: string): boolean => ['.ts', '.mjs', '.c'].includes(extname(path));
const isLock = (path: string): boolean => path === 'package-lock.json';

const lineRules: readonly Rule[] = [
  { applies: isCode, broken: (line) => line.length > lineLengthMax, says: `longer than ${lineLengthMax} characters` },
  { applies: isCode, broken: (line) => /\t|[ \t]$/.test(line), says: 'a tab, or white space at the end' },
  { applies: (path) => !isLock(path), broken: (line) => machinePath.test(line), says: 'a path of one machine' },
  { applies: () => true, broken: (line) => registryHost.test(line) || registrySetting.test(line), says: 'a registry host' },
  { applies: isLock, broken: (line) => line.includes(`"${'resolved'}": "http`), says: 'a resolved address: the lock must fit every registry' },
  { applies: isCode, broken: (line) => /@ts-(ignore|nocheck)/.test(line), says: 'a type error is repaired, not silenced' },
  { applies: isCode, broken: (line) => /(\/\/|\/\*) *eslint-(disable|enable)/.test(line), says: 'a lint rule is kept, not silenced' },
];

/** Findings start with `:line text`, to be put behind the path. */
export function lineFindings(file: SourceFile): string[] {
  const lines = file.text.split('\n');
  const rules = lineRules.filter((rule) => rule.applies(file.path));
  const found = lines.flatMap((line, index) => rules.filter((rule) => rule.broken(line)).map((rule) => `:${index + 1} ${rule.says}`));
  if (extname(file.path) !== '.ts') return found;
  // A test says by its name what it is and is called by nobody: it may go without a header.
  const header = file.path.endsWith('.test.ts') ? [] : headerFindings(lines);
  return [...found, ...header, ...lengthFindings(lines)];
}

function headerFindings(lines: readonly string[]): string[] {
  const start = lines[0]?.startsWith('#!') === true ? 1 : 0;
  let headerLines = 0;
  while (lines[start + headerLines]?.startsWith('//') === true) headerLines += 1;
  if (headerLines === 0) return [':1 no header: 1 to 4 comment lines say what the file is, who calls it, what it must never do'];
  return headerLines > headerLinesMax ? [`:1 a header of ${headerLines} lines, at most ${headerLinesMax}`] : [];
}

function lengthFindings(lines: readonly string[]): string[] {
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  return count > fileLinesMax ? [`:1 ${count} lines, at most ${fileLinesMax}`] : [];
}
