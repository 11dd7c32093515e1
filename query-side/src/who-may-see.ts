// Who may see whose account. Called by the routes of private data.

import type { Principal, Role } from '@wagerline/infra/auth';

/** Those who may look at any account. */
export const staff: readonly Role[] = ['trader', 'regulator', 'admin'];

/** Another bettor's account is to be answered like one that does not exist. */
export function maySeeAccount(principal: Principal, accountId: string): boolean {
  if (staff.some((role) => principal.roles.includes(role))) return true;
  return principal.roles.includes('bettor') && principal.sub === accountId;
}
