// Checker "tidy": what no other tool holds: headers, lengths, folder shapes, forgotten `only`s, names of machines. Called by check.ts.
// It reads every text file of the working tree that git would keep; it changes nothing.

import { basename, extname } from 'node:path';
import { verdictOver, type Verdict } from './checker.ts';
import { readTree, type SourceFile } from './source-tree.ts';
import { codeFindings } from './tidy-code.ts';
import { shapeFindings } from './tidy-shape.ts';
import { lineFindings } from './tidy-text.ts';

export function tidyFindings(files: readonly SourceFile[]): string[] {
  const perFile = files.flatMap((file) => {
    const code = extname(file.path) === '.ts' ? codeFindings(file) : [];
    return [...lineFindings(file), ...code].map((finding) => `${file.path}${finding}`);
  });
  const barrels = files.filter((file) => basename(file.path) === 'index.ts').map((file) => `${file.path}: a barrel; \`exports\` says what is public`);
  return [...perFile, ...barrels, ...shapeFindings(files)];
}

export function checkTidy(root: string): Promise<Verdict> {
  const files = readTree(root);
  return Promise.resolve(verdictOver(files.map((file) => file.path), tidyFindings(files)));
}
