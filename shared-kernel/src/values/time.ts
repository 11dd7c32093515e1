// Instants are UTC text with milliseconds ("2026-11-21T09:00:00.000Z"), so that text order is time order.
// Called by decide and the edge. Never asks a clock: time arrives in the command.

import { assert } from './unreachable.ts';

const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function isIsoInstant(text: string): boolean {
  if (!isoInstant.test(text)) return false;
  // A date that the calendar does not have (30 February) is either not parsed or moved on.
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && toIso(ms) === text;
}

/** Commands of one millisecond share their instant, so the last answer is kept. */
let lastIso = { ms: Number.NaN, text: '' };

export function toIso(ms: number): string {
  if (ms !== lastIso.ms) lastIso = { ms, text: new Date(ms).toISOString() };
  return lastIso.text;
}

export function toMs(at: string): number {
  const ms = Date.parse(at);
  assert(!Number.isNaN(ms), `an instant is ISO 8601: ${at.slice(0, 40)}`);
  return ms;
}

export function addHours(at: string, hours: number): string {
  return toIso(toMs(at) + hours * hourMs);
}

export function compareInstants(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function laterOf(a: string, b: string): string {
  return a < b ? b : a;
}

/** UTC calendar day, ISO 8601 week (Monday to Sunday) and month. */
export type PeriodKeys = { readonly day: string; readonly week: string; readonly month: string };

/** Nearly every call is about today, so the last answer is kept; it depends on the day alone. */
let last: PeriodKeys = { day: '', week: '', month: '' };

export function periodKeys(at: string): PeriodKeys {
  const day = at.slice(0, 10);
  if (day !== last.day) last = { day, week: isoWeek(day), month: day.slice(0, 7) };
  return last;
}

/** A week belongs to the year that its Thursday is in. */
function isoWeek(day: string): string {
  const midnightMs = toMs(`${day}T00:00:00.000Z`);
  const daysSinceMonday = (new Date(midnightMs).getUTCDay() + 6) % 7;
  const thursday = new Date(midnightMs + (3 - daysSinceMonday) * dayMs);
  const year = thursday.getUTCFullYear();
  const dayOfYear = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / dayMs);
  return `${String(year).padStart(4, '0')}-W${String(Math.floor(dayOfYear / 7) + 1).padStart(2, '0')}`;
}

/** One per zone: making a format costs a thousand times as much as using it. Bounded by the rule sets that name a zone. */
const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant where clocks are those of `timeZone`: "2019-08-09". */
export function dayIn(timeZone: string, at: string): string {
  const format = dayFormats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  dayFormats.set(timeZone, format);
  const parts = new Map(format.formatToParts(toMs(at)).map(({ type, value }) => [type, value]));
  return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
