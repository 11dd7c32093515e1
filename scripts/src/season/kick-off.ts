// Kick-off times of a football-data file: its dates and times are those of the United Kingdom. Called by samples.ts and the bets file.

import { toIso, toMs } from '@wagerline/shared-kernel/values/time';

const hourMs = 3_600_000;
/** For files without times. */
const usualTime = '15:00';
const ukParts = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** "09/08/2019" or "09/08/19" as "2019-08-09"; undefined for anything else, also for a day that the calendar does not have. */
export function isoDate(text: string): string | undefined {
  const [, day, month, year] = /^(\d{2})\/(\d{2})\/(\d{2}|\d{4})$/.exec(text) ?? [];
  if (day === undefined || month === undefined || year === undefined) return undefined;
  // Two digits: the files start in 1993.
  const date = `${year.length === 4 ? year : Number(year) >= 93 ? `19${year}` : `20${year}`}-${month}-${day}`;
  const ms = Date.parse(`${date}T00:00:00.000Z`);
  return Number.isNaN(ms) || !toIso(ms).startsWith(date) ? undefined : date;
}

/** The instant at which the clocks in London show this date and time. `time` "" = not in the file. Undefined: not a time. */
export function kickOffAt(date: string, time: string): string | undefined {
  const clock = time === '' ? usualTime : time.padStart(5, '0');
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(clock)) return undefined;
  const asUtcMs = toMs(`${date}T${clock}:00.000Z`);
  const summer = toIso(asUtcMs - hourMs);
  return ukTimeOf(summer) === `${date} ${clock}` ? summer : toIso(asUtcMs);
}

/** The date in London at this instant: the date that the file has for a match that kicks off then. */
export function ukDateOf(instant: string): string {
  return ukTimeOf(instant).slice(0, 10);
}

function ukTimeOf(instant: string): string {
  const parts = new Map(ukParts.formatToParts(toMs(instant)).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}
