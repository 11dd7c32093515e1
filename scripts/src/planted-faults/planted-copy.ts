// A copy of the sources with one fault in it, to run a server from. Called by tools that must be seen to turn red.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyTree } from '../check/copy-tree.ts';
import { plantedFaults, type Edit, type FaultName } from './faults.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');

export type PlantedCopy = {
  /** The server's entry file in the copy. */
  readonly entry: string;
  remove(): void;
};

/** @throws Error when an edit does not find its text exactly once: the fault would not be the one that it says it is */
export function plantFault(name: FaultName): PlantedCopy {
  const copy = copyTree(root);
  try {
    for (const edit of plantedFaults[name].edits) copy.plant(edit.file, edited(readFileSync(join(copy.root, edit.file), 'utf8'), edit));
  } catch (error) {
    copy.remove();
    throw error;
  }
  return { entry: join(copy.root, 'scripts', 'src', 'start.ts'), remove: () => copy.remove() };
}

export function edited(text: string, { file, find, replace }: Edit): string {
  const pieces = text.split(find);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times what a planted fault replaces, not once:\n${find}`);
  return pieces.join(replace);
}
