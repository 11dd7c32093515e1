// What every checker answers: what it found, how many files it read, and which packages it never saw. Used by check.ts and its tests.
// A checker that read nothing has checked nothing, so that counts as a failure.

export const packages = ['shared-kernel', 'infra', 'command-side', 'projections', 'query-side', 'scripts'] as const;

export type Verdict = {
  /** One finding per entry, readable as it stands; empty = nothing found. */
  readonly findings: readonly string[];
  readonly filesSeen: number;
};

export type Checker = { readonly name: string; run(root: string): Promise<Verdict> };

/** A verdict over files given relative to the root; a package without any file in the list is a finding. */
export function verdictOver(files: Iterable<string>, findings: readonly string[]): Verdict {
  const seen = new Set(files);
  const unseen = packages.filter((name) => ![...seen].some((file) => file.startsWith(`${name}/`)));
  return { findings: [...findings, ...unseen.map((name) => `no file of ${name} was read`)], filesSeen: seen.size };
}

export function isGreen(verdict: Verdict): boolean {
  return verdict.findings.length === 0 && verdict.filesSeen > 0;
}
