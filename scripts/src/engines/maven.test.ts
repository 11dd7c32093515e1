// The jars that an engine runs are those whose checksums are kept, all of them and no other.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkJars } from './maven.ts';

let dir: string;
const jar = (name: string, text: string): void => writeFileSync(join(dir, 'lib', name), text);
const line = (name: string, text: string): string => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`;
const check = (...lines: readonly string[]): void => {
  writeFileSync(join(dir, 'jars.sha256'), lines.join(''));
  checkJars(join(dir, 'lib'), join(dir, 'jars.sha256'));
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wagerline-jars-'));
  mkdirSync(join(dir, 'lib'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('the same jars pass', () => {
  jar('a-1.jar', 'a');
  jar('b-1.jar', 'b');
  expect(() => check(line('a-1.jar', 'a'), line('b-1.jar', 'b'))).not.toThrow();
});

test('another content, one too many and a missing one are refused by name', () => {
  jar('a-1.jar', 'changed');
  expect(() => check(line('a-1.jar', 'a'))).toThrow('a-1.jar is not the jar');
  jar('a-1.jar', 'a');
  expect(() => check(line('a-1.jar', 'a'), line('b-1.jar', 'b'))).toThrow('not fetched: b-1.jar');
  jar('c-1.jar', 'c');
  expect(() => check(line('a-1.jar', 'a'))).toThrow('c-1.jar is not the jar');
});
