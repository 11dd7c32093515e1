import { expect, test } from 'vitest';

import { addHours, compareInstants, isIsoInstant, laterOf, periodKeys, toIso, toMs } from './time.ts';

test('an instant is UTC with milliseconds', () => {
  const instants = ['2026-11-21T09:00:00.000Z', '2024-02-29T23:59:59.999Z', '1970-01-01T00:00:00.000Z'];
  for (const text of instants) expect(isIsoInstant(text)).toBe(true);
  const otherForms = ['', '2026-11-21', '2026-11-21T09:00:00Z', '2026-11-21T09:00:00.000', '2026-11-21T09:00:00.000+00:00'];
  const noSuchDay = ['2026-02-29T09:00:00.000Z', '2026-11-31T09:00:00.000Z', '2026-13-01T00:00:00.000Z'];
  const noSuchTime = ['2026-11-21T24:00:00.000Z', '2026-11-21T23:60:00.000Z'];
  const padded = ['2026-11-21T09:00:00.000Z\n', '+02026-11-21T09:00:00.000Z'];
  for (const text of [...otherForms, ...noSuchDay, ...noSuchTime, ...padded]) expect(isIsoInstant(text)).toBe(false);
});

test('instants are compared and moved', () => {
  const [earlier, later] = ['2026-11-21T09:00:00.000Z', '2026-11-21T09:00:00.001Z'];
  expect([compareInstants(earlier, later), compareInstants(later, earlier), compareInstants(later, later)]).toEqual([-1, 1, 0]);
  expect([laterOf(earlier, later), laterOf(later, earlier)]).toEqual([later, later]);
  expect(addHours('2026-12-31T09:30:00.000Z', 24)).toBe('2027-01-01T09:30:00.000Z');
  expect(addHours('2026-03-29T00:30:00.000Z', -1)).toBe('2026-03-28T23:30:00.000Z');
  expect(toIso(toMs(later))).toBe(later);
  expect(() => toMs('soon')).toThrow('ISO 8601');
});

// Weeks by the calendar of ISO 8601: week 1 has the year's first Thursday.
test.each([
  ['2026-11-21', '2026-W47', '2026-11'],
  ['2026-01-01', '2026-W01', '2026-01'],
  ['2027-01-01', '2026-W53', '2027-01'],
  ['2027-01-03', '2026-W53', '2027-01'],
  ['2027-01-04', '2027-W01', '2027-01'],
  ['2024-12-29', '2024-W52', '2024-12'],
  ['2024-12-30', '2025-W01', '2024-12'],
  ['2021-01-03', '2020-W53', '2021-01'],
  ['2023-01-01', '2022-W52', '2023-01'],
  ['2024-02-29', '2024-W09', '2024-02'],
])('%s is in week %s of month %s, first and last millisecond', (day, week, month) => {
  expect(periodKeys(`${day}T00:00:00.000Z`)).toEqual({ day, week, month });
  expect(periodKeys(`${day}T23:59:59.999Z`)).toEqual({ day, week, month });
});

test('a week changes on Monday and nowhere else, for forty years', () => {
  let previous = periodKeys('2000-01-01T12:00:00.000Z').week;
  for (let day = 1; day < 40 * 366; day += 1) {
    const ms = Date.UTC(2000, 0, 1, 12) + day * 86_400_000;
    const { week } = periodKeys(toIso(ms));
    expect(week !== previous).toBe(new Date(ms).getUTCDay() === 1);
    previous = week;
  }
});
