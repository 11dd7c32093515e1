// The crash test on the engines, small: the projector and the event log are killed once each. The log is a stand-in of its own, so that no
// other test misses it; the other engines are those of this run.

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { describeEngine, engineUrl } from '@wagerline/infra/testing/engines';
import { startDouble } from '@wagerline/infra/testing/eventstoredb-double/start-double';
import type { EngineName } from '@wagerline/infra/testing/engines-names';
import { urlVariables } from '../../engines/config.ts';
import { crashTestOn } from './engines-run.ts';

const shared = ['kafka', 'mongodb', 'redis', 'elasticsearch'] as const satisfies readonly EngineName[];
const timeoutMs = 400_000;
/** A machine that is busy with other tests is no reason for a red one: the tool itself asks for less. */
const recoveryMsMax = 150_000;

describeEngine('kafka', () => describeEngine('mongodb', () => describeEngine('redis', () => describeEngine('elasticsearch', () => crashTest()))));

function crashTest(): void {
  test('a killed projector and a killed event log lose nothing', async () => {
    const log = await startDouble();
    const fleet = {
      kill: () => log.kill(),
      async start(name: EngineName) {
        await log.restart();
        return { name, url: log.connectionString, version: 'stand-in', startedMs: 0 };
      },
    };
    const settings = {
      ...Object.fromEntries(shared.map((name) => [urlVariables[name], engineUrl(name)])),
      [urlVariables.eventstoredb]: log.connectionString,
      WAGERLINE_NAMESPACE: `crash-${randomBytes(4).toString('hex')}`,
    };
    try {
      const options = { kills: 2, seed: 3, victims: ['projector', 'eventstoredb'], takeovers: false, recoveryMsMax } as const;
      const report = await crashTestOn({ settings, fleet }, options, () => undefined);
      expect(report.details).toEqual([]);
      expect(report).toMatchObject({ ok: true, kills: 2, lost: 0, duplicates: 0, ledger: 'clean' });
      expect(report.victims.map(({ victim, kills }) => [victim, kills])).toEqual([['projector', 1], ['eventstoredb', 1]]);
      expect(report.acknowledged.bets).toBeGreaterThan(0);
      expect(Object.keys(report.documents)).toHaveLength(5);
    } finally {
      await log.close();
    }
  }, timeoutMs);
}
