import { expect, test } from 'vitest';
import { ConsumerGroup } from './embedded-group.ts';

test('a member that cannot save its offsets leaves all the same, and the next one gets its partitions', () => {
  let isFull = false;
  const saved: number[] = [];
  const write = (_group: string, _topic: string, offsets: ReadonlyMap<number, number>): void => {
    if (isFull) throw new Error('database or disk is full');
    saved.push(...offsets.values());
  };
  const group = new ConsumerGroup('group', 'by-stream', { read: () => [undefined], write });
  const [first, second] = [{ wake: () => undefined }, { wake: () => undefined }];
  group.join(first);
  expect(group.take(0, first)).toBe(true);
  group.commit(0, 10);
  isFull = true;
  expect(() => group.leave(first)).toThrow('full');
  expect(group.memberCount).toBe(0);

  group.join(second);
  expect(group.isFor(0, second)).toBe(true);
  expect(group.take(0, second)).toBe(true);
  isFull = false;
  group.leave(second);
  expect(saved).toEqual([10]);
});

test('offsets are saved when they have moved far enough, and when the last member leaves', () => {
  const saved: number[] = [];
  const write = (_group: string, _topic: string, offsets: ReadonlyMap<number, number>): void => void saved.push(...offsets.values());
  const group = new ConsumerGroup('group', 'by-stream', { read: () => [undefined], write });
  const member = { wake: () => undefined };
  group.join(member);
  for (const offset of [5, 900, 1_004, 1_005, 1_006]) {
    group.commit(0, offset);
    group.saveIfDue();
  }
  expect(saved).toEqual([5, 1_005]);
  group.leave(member);
  expect(saved).toEqual([5, 1_005, 1_006]);
});
