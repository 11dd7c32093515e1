// The part of the event store's contract about snapshots and leases. Called by contract.ts.

import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OpenedStore } from './testing-events.ts';

export function recordsContract(open: () => Promise<OpenedStore>): void {
  test('the last snapshot of a name is the one that is read', async () => {
    const { store, reopen } = await open();
    const [name, other] = [`snapshot.account-${randomUUID()}`, `snapshot.account-${randomUUID()}`];
    const head = await store.head();
    await store.writeSnapshot(name, { balanceMinor: 1 });
    await store.writeSnapshot(name, { balanceMinor: 2, name: 'Zoë 🏇' });
    await store.writeSnapshot(other, { large: 'x'.repeat(900_000) });
    const again = await reopen();
    expect(await again.readSnapshot(name)).toEqual({ balanceMinor: 2, name: 'Zoë 🏇' });
    expect(await again.readSnapshot(other)).toEqual({ large: 'x'.repeat(900_000) });
    expect(await again.readSnapshot(`snapshot.account-${randomUUID()}`)).toBeUndefined();
    // No snapshot ever reaches who reads the domain's events.
    expect((await again.readAll(head, { prefixes: ['account-', 'market-', 'fixture-'] }, 10)).events).toEqual([]);
  });

  test('a snapshot above one mebibyte is a mistake of the caller', async () => {
    const { store } = await open();
    await expect(store.writeSnapshot('snapshot.account-1', { large: 'x'.repeat(1024 * 1024) })).rejects.toThrow('assertion failed');
  });

  test('a lease is written only where its version is the expected one', async () => {
    const { store, reopen } = await open();
    const [one, two] = [`lease.slot-${randomUUID()}`, `lease.slot-${randomUUID()}`];
    expect(await store.readLeases([one])).toEqual([{ version: 0, data: {} }]);
    const write = { name: one, expectedVersion: 0, data: { holder: 'p', checkpoint: 7 } };
    expect(await store.writeLeases([write])).toEqual([true]);
    expect(await store.writeLeases([write])).toEqual([false]);

    const again = await reopen();
    expect(await again.readLeases([one, two])).toEqual([{ version: 1, data: { holder: 'p', checkpoint: 7 } }, { version: 0, data: {} }]);
    const both = [
      { name: one, expectedVersion: 0, data: { holder: 'late' } },
      { name: two, expectedVersion: 0, data: { holder: 'q' } },
      { name: one, expectedVersion: 1, data: { holder: 'q' } },
      { name: two, expectedVersion: 3, data: { holder: 'wrong' } },
    ];
    expect(await again.writeLeases(both)).toEqual([false, true, true, false]);

    const third = await reopen();
    expect(await third.readLeases([one, two])).toEqual([{ version: 2, data: { holder: 'q' } }, { version: 1, data: { holder: 'q' } }]);
  });

  test('of many takers of one lease exactly one gets it', async () => {
    const { store, reopen } = await open();
    const name = `lease.slot-${randomUUID()}`;
    const takers = ['a', 'b', 'c', 'd', 'e'];
    const taken = await Promise.all(takers.map((holder) => store.writeLeases([{ name, expectedVersion: 0, data: { holder } }])));
    const winners = takers.filter((_, index) => taken[index]?.[0] === true);
    expect(winners).toHaveLength(1);
    expect(await (await reopen()).readLeases([name])).toEqual([{ version: 1, data: { holder: winners[0] } }]);
  });
}
