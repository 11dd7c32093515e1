// Faults on the whole: one system on native engines of its own, behind proxies, and one fault after the other. Each leaves it as it found
// it; at the end everything acknowledged has to be there, once. WAGERLINE_FAULTS=lean or full asks for it: it has expectations of time, which
// a machine that is busy with other things does not meet.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineNames, engineRun } from '@wagerline/infra/testing/engines';
import { readModels } from '@wagerline/shared-kernel/read-models/catalogue';
import { faultsConfig } from './config.ts';
import { openFaultSystem, type FaultSystem } from './faults.ts';
import { betsOf, kills, shownBets } from './testing-kills.ts';
import { betweenParts } from './testing-gateway.ts';
import { outages } from './testing-outages.ts';
import { stores } from './testing-stores.ts';

const startMsMax = 600_000;
const faultMsMax = 600_000;
const config = faultsConfig();
const isForAll = engineNames.every((name) => !['not asked', 'absent'].includes(engineRun(name).state));
const isAsked = config !== undefined && isForAll;

describe.skipIf(!isAsked)(isAsked ? 'faults' : 'faults (not asked for: WAGERLINE_FAULTS=lean, with all five engines)', { timeout: faultMsMax }, () => {
  let opened: FaultSystem | undefined;
  const system = (): FaultSystem => {
    if (opened === undefined) throw new Error('the system did not start');
    return opened;
  };
  beforeAll(async () => {
    opened = await openFaultSystem({ logLevel: 'silent', ...config }, (text) => console.log(`faults: ${text}`));
  }, startMsMax);
  afterAll(() => opened?.close(), startMsMax);

  outages(system, config?.betsInOutage ?? 0);
  betweenParts(system);
  kills(system);
  stores(system);

  test('in the end everything acknowledged is there, once, and read models are what the log makes of them', async () => {
    const { traffic, caughtUp, job } = system();
    await traffic.settleUp();
    await caughtUp();
    for (const bettor of traffic.bettors) expect((await shownBets(traffic, bettor))?.toSorted()).toEqual([...betsOf(traffic.bets, bettor)].toSorted());
    expect(await job({ kind: 'ledger-verify' })).toMatchObject({ ok: true, findings: [] });
    for (const { name } of readModels) {
      const live = await job({ kind: 'hash-live', model: name });
      expect(await job({ kind: 'hash', model: name, position: null }), name).toEqual(live);
    }
  });
});
