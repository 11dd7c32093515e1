// The rules of tidy that need a syntax tree: length of functions, double casts, tests that are skipped or alone. Called by tidy.ts.

import ts from 'typescript';
import type { SourceFile } from './source-tree.ts';

const functionLinesMax = 70;
const testFunctions = new Set(['test', 'it', 'describe']);
const forgotten = new Set(['only', 'skip', 'todo', 'fails']);

/** Findings start with `:line text`, to be put behind the path. */
export function codeFindings(file: SourceFile): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const isTest = /(\.test|\/contract(-[a-z-]+)?)\.ts$/.test(file.path);
  const findings: string[] = [];
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const report = (node: ts.Node, text: string): void => void findings.push(`:${lineOf(node.getStart(source))} ${text}`);

  /** Walks below `node`; answers how many of its lines belong to functions inside it, which are measured by themselves. */
  function walk(node: ts.Node): number {
    let linesOfFunctions = 0;
    ts.forEachChild(node, (child) => {
      linesOfFunctions += walk(child);
    });
    if (isDoubleCast(node)) report(node, '`as unknown as`: a cast that nothing checks');
    if (node.kind === ts.SyntaxKind.AnyKeyword) report(node, '`any`');
    if (isTest && isForgotten(node)) report(node, `\`${node.getText(source)}\`: every test runs, always`);
    if (!isFunction(node)) return linesOfFunctions;
    const lines = lineOf(node.end) - lineOf(node.getStart(source)) + 1;
    const ownLines = lines - linesOfFunctions;
    if (ownLines > functionLinesMax) report(node, `a function of ${ownLines} lines, at most ${functionLinesMax}`);
    return lines > 1 ? lines - 1 : 0;
  }

  walk(source);
  return findings;
}

function isFunction(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function isDoubleCast(node: ts.Node): boolean {
  return ts.isAsExpression(node) && ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword;
}

function isForgotten(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) || !forgotten.has(node.name.text)) return false;
  return ts.isIdentifier(node.expression) && testFunctions.has(node.expression.text);
}
