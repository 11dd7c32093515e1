// One thing that goes wrong on purpose, and what was seen of it. Made by the incident files, shown by the report.

import type { Answer } from './api.ts';
import type { Stage } from './stage.ts';

export type Incident = {
  readonly incident: string;
  /** In words and numbers that are the same in every run of one seed. */
  readonly seen: string;
  readonly asExpected: boolean;
};

/** `bring` sets the stage, on accounts and markets of its own, and answers what the server said in the end. */
export type Refusal = { readonly code: string; bring(stage: Stage): Promise<Answer> };
