// Checker "deployment": infra/compose.yaml and infra/kubernetes by their schemas, and that both, and the images of the engine tests, agree.
// Called by check.ts. It contacts no cluster; docker compose is asked as well where it answers.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containers } from '@wagerline/infra/testing/engines-containers';
import { engineNames } from '@wagerline/infra/testing/engines-names';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Verdict } from './checker.ts';
import { composeSchemaFindings, dockerComposeFindings } from './deployment-compose.ts';
import { manifestsIn, manifestTypeFindings, referenceFindings, type Manifest } from './deployment-kubernetes.ts';

const composeFile = 'infra/compose.yaml';
const kubernetesDir = 'infra/kubernetes';

/** Every part's main file, in compose and Kubernetes alike. */
export const parts: Readonly<Record<string, string>> = {
  'command-api': 'command-side/src/main.ts',
  'query-api': 'query-side/src/main.ts',
  relay: 'command-side/src/relay/main.ts',
  projector: 'projections/src/main.ts',
  'settlement-worker': 'command-side/src/settlement/main.ts',
};

const composeShape = z.object({
  services: z.record(z.string(), z.object({ image: z.string(), command: z.unknown().optional(), healthcheck: z.unknown().optional(), restart: z.string() })),
});
const kustomizationShape = z.object({ resources: z.array(z.string()) });

export async function checkDeployment(root: string): Promise<Verdict> {
  const compose: unknown = parse(readFileSync(join(root, composeFile), 'utf8'), { merge: true });
  const files = readdirSync(join(root, kubernetesDir)).filter((name) => name !== 'kustomization.yaml');
  const manifests = files.flatMap((name) => manifestsIn(name, readFileSync(join(root, kubernetesDir, name), 'utf8')));
  const kustomization: unknown = parse(readFileSync(join(root, kubernetesDir, 'kustomization.yaml'), 'utf8'));
  const asked = await dockerComposeFindings(join(root, composeFile));
  const how = asked === undefined ? 'the compose schema, docker compose does not answer here' : 'the compose schema and docker compose config';
  console.log(`deployment: ${composeFile} by ${how}; ${kubernetesDir} by the types of kubernetes-models`);
  const findings = [
    ...[...composeSchemaFindings(compose), ...composeFindings(compose), ...(asked ?? [])].map((finding) => `${composeFile}: ${finding}`),
    ...manifestTypeFindings(root, manifests),
    ...referenceFindings(manifests),
    ...partFindings(manifests),
    ...kustomizationFindings(kustomization, files),
  ];
  return { findings, filesSeen: files.length + 2 };
}

/** Images are pinned, the engines' are those of their tests, every part runs its main file, and all that goes on running says how it is. */
export function composeFindings(compose: unknown): string[] {
  const parsed = composeShape.safeParse(compose);
  if (!parsed.success) return [z.prettifyError(parsed.error)];
  const { services } = parsed.data;
  const images = new Set(Object.values(services).map(({ image }) => image));
  return [
    ...[...images].filter((image) => !/:(?!latest$)[\w.-]+$/.test(image)).map((image) => `${image} is not pinned`),
    ...engineNames.filter((name) => !images.has(containers[name].image)).map((name) => `no service has ${containers[name].image}, as the engine tests have`),
    ...Object.entries(services)
      .filter(([, { healthcheck, restart }]) => healthcheck === undefined && restart !== 'no')
      .map(([name]) => `${name} has no healthcheck`),
    ...Object.entries(parts).flatMap(([name, main]) => (isCommand(services[name]?.command, main) ? [] : [`${name} does not run ${main}`])),
  ];
}

/** A deployment, its probes and a disruption budget for each part, and an autoscaler for the two APIs. */
export function partFindings(manifests: readonly Manifest[]): string[] {
  const has = (kind: string, name: string): boolean => manifests.some(({ document }) => document.kind === kind && document.metadata.name === name);
  return Object.entries(parts).flatMap(([name, main]) => {
    const kinds = ['Deployment', 'PodDisruptionBudget', ...(name.endsWith('-api') ? ['Service', 'HorizontalPodAutoscaler'] : [])];
    const missing = kinds.filter((kind) => !has(kind, name)).map((kind) => `${kubernetesDir}: no ${kind} ${name}`);
    const deployment = manifests.find(({ document }) => document.kind === 'Deployment' && document.metadata.name === name);
    const text = JSON.stringify(deployment?.document ?? {});
    const probes = ['"readinessProbe":{"httpGet":{"path":"/readyz"', '"livenessProbe":{"httpGet":{"path":"/livez"'];
    const wanted = [`"node","${main}"`, ...probes, '"preStop"', '"runAsNonRoot":true'];
    return [...missing, ...wanted.filter((part) => !text.includes(part)).map((part) => `${kubernetesDir}: deployment ${name} lacks ${part}`)];
  });
}

export function kustomizationFindings(kustomization: unknown, files: readonly string[]): string[] {
  const parsed = kustomizationShape.safeParse(kustomization);
  if (!parsed.success) return [`${kubernetesDir}/kustomization.yaml: ${z.prettifyError(parsed.error)}`];
  const { resources } = parsed.data;
  const isSame = resources.toSorted().join() === files.toSorted().join();
  return isSame ? [] : [`${kubernetesDir}/kustomization.yaml: resources are ${resources.join(', ')}, the files ${files.join(', ')}`];
}

function isCommand(command: unknown, main: string): boolean {
  return JSON.stringify(command) === JSON.stringify(['node', main]);
}
