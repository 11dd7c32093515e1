// The rules of tidy about the tree: which files a kind of folder has, and that the scripts named in the documents exist. Called by tidy.ts.
// A rule about a folder holds as soon as the folder has a file.

import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { SourceFile } from './source-tree.ts';

type Shape = { readonly folder: RegExp; readonly files: readonly string[] };

const shapes: readonly Shape[] = [
  { folder: /^command-side\/src\/(account|market|fixture)$/, files: ['commands.ts', 'state.ts', 'decide.ts', 'decide.test.ts', 'routes.ts'] },
  {
    folder: /^infra\/src\/(event-store|event-bus|read-model-store|cache|search-index|settlement-index)$/,
    files: ['contract.ts', 'embedded.ts', 'embedded.test.ts'],
  },
];

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });

export function shapeFindings(files: readonly SourceFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  const folders = [...new Set([...paths].map((path) => dirname(path)))];
  const missing = shapes.flatMap((shape) =>
    folders
      .filter((folder) => shape.folder.test(folder))
      .flatMap((folder) => shape.files.filter((name) => !paths.has(`${folder}/${name}`)).map((name) => `${folder}: has no ${name}`)),
  );
  return [...missing, ...engineTestFindings(paths), ...scriptFindings(files, paths)];
}

/** An adapter for an engine comes with its contract run: `<engine>.engine.test.ts` beside `<engine>.ts`, and the reverse. */
function engineTestFindings(paths: ReadonlySet<string>): string[] {
  const engineTests = [...paths].filter((path) => path.endsWith('.engine.test.ts'));
  return engineTests.filter((path) => !paths.has(path.replace('.engine.test.ts', '.ts'))).map((path) => `${path}: stands beside no adapter`);
}

/** Every `npm run NAME` in a document is a script, and the file that the script runs is there. */
function scriptFindings(files: readonly SourceFile[], paths: ReadonlySet<string>): string[] {
  const manifest = files.find((file) => file.path === 'package.json');
  if (manifest === undefined) return ['package.json: missing'];
  const { scripts } = Manifest.parse(JSON.parse(manifest.text));
  const documents = files.filter((file) => basename(file.path).endsWith('.md'));
  return documents.flatMap((document) => {
    const names = new Set([...document.text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map((match) => match[1] ?? ''));
    return [...names].flatMap((name) => {
      const command = scripts[name];
      if (command === undefined) return [`${document.path}: \`npm run ${name}\` is no script`];
      const target = /\bnode (\S+\.ts)\b/.exec(command)?.[1];
      return target === undefined || paths.has(target) ? [] : [`${document.path}: \`npm run ${name}\` runs ${target}, which is missing`];
    });
  });
}
