// Schemas of the parameters that more than one route takes. Called by the routes.

import { z } from 'zod';

import { slug } from '@wagerline/shared-kernel/events/schema';
import { isUuid } from '@wagerline/shared-kernel/values/ids';
import { toIso } from '@wagerline/shared-kernel/values/time';

const uuid = z.string().refine(isUuid, 'a UUID in lower case');

export const accountPath = z.strictObject({ accountId: uuid });
export const betPath = z.strictObject({ betId: uuid });
export const accountBetPath = z.strictObject({ accountId: uuid, betId: uuid });
export const marketPath = z.strictObject({ marketId: slug });
export const fixturePath = z.strictObject({ fixtureId: slug });
export const noQuery = z.strictObject({});

/** Any ISO 8601 instant with its zone, brought to the one form that documents hold, in which text order is time order. */
export const instantParameter = z.iso.datetime({ offset: true }).transform((text) => toIso(Date.parse(text)));
