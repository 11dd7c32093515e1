// The deployment checker sees what it is for: every case breaks one thing in the real files, read into memory.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { composeSchemaFindings } from './deployment-compose.ts';
import { manifestsIn, manifestTypeFindings, referenceFindings } from './deployment-kubernetes.ts';
import { composeFindings, kustomizationFindings, partFindings } from './deployment.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const composeText = readFileSync(join(root, 'infra', 'compose.yaml'), 'utf8');
const partText = readFileSync(join(root, 'infra', 'kubernetes', 'command-api.yaml'), 'utf8');

const broken = (text: string, from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replace(from, to);
};
const compose = (from: string, to: string): unknown => parse(broken(composeText, from, to), { merge: true });
const manifests = (from: string, to: string) => manifestsIn('command-api.yaml', broken(partText, from, to));

test('compose: what the specification does not know', () => {
  expect(composeSchemaFindings(compose('  redis:\n', '  redis:\n    helthcheck: {}\n')).join()).toContain('helthcheck');
});

test.each([
  ['an image that moves', 'image: redis:7.4.2', 'image: redis:latest', 'redis:latest is not pinned'],
  ['another version than the tests have', 'image: redis:7.4.2', 'image: redis:7.2.0', 'no service has redis:7.4.2'],
  ['a part that runs another file', '"query-side/src/main.ts"', '"query-side/src/start.ts"', 'query-api does not run query-side/src/main.ts'],
])('compose: %s', (_what, from, to, finding) => {
  expect(composeFindings(compose(from, to)).join()).toContain(finding);
});

test('compose: a service that goes on running and does not say how it is', () => {
  const services = { bare: { image: 'redis:7.4.2', restart: 'always' }, once: { image: 'redis:7.4.2', restart: 'no' } };
  expect(composeFindings({ services }).filter((finding) => finding.endsWith('healthcheck'))).toEqual(['bare has no healthcheck']);
});

test('kubernetes: a field that does not exist, a value of another type, a kind that does not exist', () => {
  const findings = (from: string, to: string): string => manifestTypeFindings(root, manifests(from, to)).join('\n');
  expect(findings('  minReplicas: 3', '  minReplica: 3')).toMatch(/minReplica.* does not exist/);
  expect(findings('  minReplicas: 3', '  minReplicas: three')).toContain("Type 'string' is not assignable to type 'number'");
  expect(findings('kind: Service', 'kind: Servant')).toContain('Servant');
});

test('kubernetes: a budget that protects nobody', () => {
  const text = partText.slice(0, partText.lastIndexOf('command-api')) + partText.slice(partText.lastIndexOf('command-api')).replace('command-api', 'nobody');
  expect(referenceFindings(manifestsIn('command-api.yaml', text))).toEqual([
    'infra/kubernetes/command-api.yaml: PodDisruptionBudget command-api leads to no deployment',
  ]);
});

test('kubernetes: a part without readiness, one without its budget', () => {
  expect(partFindings(manifests('/readyz', '/ready')).join('\n')).toContain('deployment command-api lacks "readinessProbe"');
  expect(partFindings([]).join('\n')).toContain('no PodDisruptionBudget relay');
});

test('kubernetes: a manifest that kustomize would not apply', () => {
  expect(kustomizationFindings({ resources: ['a.yaml'] }, ['a.yaml'])).toEqual([]);
  expect(kustomizationFindings({ resources: ['a.yaml'] }, ['a.yaml', 'b.yaml'])).toHaveLength(1);
});
