// A throw-away copy of the working tree in which tests and tools may plant violations and faults; it never writes into the tree itself.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { packages } from './checker.ts';

const rootFiles = ['.dependency-cruiser.mjs', 'eslint.config.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'turbo.json'];
const leftOut = ['node_modules', '.turbo'];

export type TreeCopy = {
  readonly root: string;
  plant(path: string, text: string): void;
  remove(): void;
};

/** The packages are copied, their samples where tests run that read them; third-party code is linked, and `@wagerline/*` leads to the copies. */
export function copyTree(root: string, { withSamples = false } = {}): TreeCopy {
  const copy = mkdtempSync(join(tmpdir(), 'wagerline-borders-'));
  for (const file of rootFiles) cpSync(join(root, file), join(copy, file));
  const isCopied = (path: string): boolean => !leftOut.includes(basename(path)) && (withSamples || basename(path) !== 'samples');
  for (const name of packages) cpSync(join(root, name), join(copy, name), { recursive: true, filter: isCopied });
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@wagerline'), { recursive: true });
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry !== '@wagerline' && entry !== '.cache') symlinkSync(join(root, 'node_modules', entry), join(modules, entry));
  }
  for (const name of packages) symlinkSync(join(copy, name), join(modules, '@wagerline', name));
  return {
    root: copy,
    plant(path, text) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}
