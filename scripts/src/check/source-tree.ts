// The text files of the working tree, as tidy and the README's checks read them. It knows no git: a copy of the tree reads the same.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export type SourceFile = { readonly path: string; readonly text: string };

const foldersLeftOut = new Set(['node_modules', '.git', '.turbo', '.wagerline', '.cache', 'reports']);
const textExtensions = new Set(['.ts', '.mjs', '.json', '.md', '.yml', '.yaml', '.sh', '.sql', '.c', '.html', '.txt', '']);
const filesMax = 5000;

/** Every text file under the root, by its path from there. */
export function readTree(root: string): SourceFile[] {
  const files: SourceFile[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !foldersLeftOut.has(entry.name)) folders.push(path);
      if (entry.isFile() && textExtensions.has(extname(entry.name))) files.push({ path, text: readFileSync(join(root, path), 'utf8') });
    }
    if (files.length > filesMax) throw new Error(`more than ${filesMax} files under ${root}: is a folder missing from those left out?`);
  }
  return files;
}
