// infra/kubernetes by the API's types, field by field, and by the names that its manifests call each other by. Called by deployment.ts.
// The types come from kubernetes-models: tsc then refuses what has the wrong type and, unlike the API's own schemas, what does not exist.

import ts from 'typescript';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const manifestShape = z.looseObject({
  apiVersion: z.string().regex(/^[\w./]+$/),
  kind: z.string().regex(/^\w+$/),
  metadata: z.looseObject({ name: z.string() }),
});

export type Manifest = { readonly file: string; readonly document: z.infer<typeof manifestShape> };

const deploymentShape = z.object({ spec: z.object({ template: z.object({ metadata: z.object({ labels }) }) }) });
const budgetShape = z.object({ spec: z.object({ selector: z.object({ matchLabels: labels }) }) });
const serviceShape = z.object({ spec: z.object({ selector: labels }) });
const scalerShape = z.object({ spec: z.object({ scaleTargetRef: z.object({ name: z.string() }) }) });

/** @throws what the YAML or a manifest without kind and name is told */
export function manifestsIn(file: string, text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => ({ file, document: manifestShape.parse(document.toJS()) }));
}

export function manifestTypeFindings(root: string, manifests: readonly Manifest[]): string[] {
  const source = manifests.map(({ document }, index) => typed(document, index)).join('');
  const fileName = join(root, 'scripts', 'src', 'check', 'manifests.virtual.ts');
  const options: ts.CompilerOptions = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: ts.ModuleKind.NodeNext };
  const host = ts.createCompilerHost({ ...options, moduleResolution: ts.ModuleResolutionKind.NodeNext });
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, languageVersion, ...rest) =>
    name === fileName ? ts.createSourceFile(name, source, languageVersion) : getSourceFile(name, languageVersion, ...rest);
  host.fileExists = (name) => name === fileName || fileExists(name);
  const program = ts.createProgram([fileName], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const line = diagnostic.file?.fileName === fileName ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line : -1;
    const manifest = manifests[Math.floor(line / 2)];
    const where = manifest === undefined ? 'manifests' : `${manifest.file}: ${manifest.document.kind} ${manifest.document.metadata.name}`;
    return `infra/kubernetes/${where}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
  });
}

/** Two lines each: the findings' lines lead back to the manifest. */
function typed(document: Manifest['document'], index: number): string {
  const { apiVersion, kind } = document;
  const type = `M${index}`;
  const name = JSON.stringify(`kubernetes-models/${apiVersion}/${kind}`);
  return `import type { I${kind} as ${type} } from ${name};\nexport const m${index}: ${type} = ${JSON.stringify(document)};\n`;
}

/** Selectors and targets lead to a deployment that is there. */
export function referenceFindings(manifests: readonly Manifest[]): string[] {
  const deployments = manifests.filter(({ document }) => document.kind === 'Deployment');
  const names = new Set(deployments.map(({ document }) => document.metadata.name));
  const podLabels = deployments.map(({ document }) => deploymentShape.parse(document).spec.template.metadata.labels);
  const selects = (wanted: Readonly<Record<string, string>>): boolean =>
    podLabels.some((has) => Object.entries(wanted).every(([key, value]) => has[key] === value));
  const leadsNowhere = ({ document }: Manifest): boolean => {
    if (document.kind === 'PodDisruptionBudget') return !selects(budgetShape.parse(document).spec.selector.matchLabels);
    if (document.kind === 'Service') return !selects(serviceShape.parse(document).spec.selector);
    return document.kind === 'HorizontalPodAutoscaler' && !names.has(scalerShape.parse(document).spec.scaleTargetRef.name);
  };
  const told = ({ file, document }: Manifest): string => `infra/kubernetes/${file}: ${document.kind} ${document.metadata.name} leads to no deployment`;
  return manifests.filter(leadsNowhere).map(told);
}
