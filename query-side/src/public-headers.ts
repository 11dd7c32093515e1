// Headers of answers that anybody may see and a CDN may keep for a moment. Called by the public routes.

import type { AnswerHeaders } from '@wagerline/infra/http';

/** A kept answer must not stand in for one that promises a revision. */
export const publicHeaders: AnswerHeaders = { 'Cache-Control': 'public, max-age=1', Vary: 'Wagerline-Min-Revision' };
