import { DateTime } from 'luxon';
import { isOpen, nextOpeningMs } from '../../activities/calling-window';
import type { CallWindow } from '../../call/input';
import { maskNumber } from '../../call/text/masking';
import type { KnownError } from '../../runtime/process';
import { checkedInput } from './checked-input';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { describeNumber, refuseSpecial } from './phone-number';
import type { SpecialKind } from '../shared/parsers';
import { print, timeText, type TimeFormat } from '../shared/output';
import { readStartFlags, type StartFlags } from './start-flags';
import { usageError } from '../shared/usage-error';

/** The zones may take several days until all of them are open at the same time. */
const MAX_STEPS = 100;

/** Whether a number may be called now according to the calling hours. */
export interface HoursCheck {
  readonly allowed: boolean;
  /** One sentence. */
  readonly because: string;
  readonly zones: readonly {
    readonly timeZone: string;
    /** ISO 8601 with its offset. */
    readonly localTime: string;
    readonly open: boolean;
  }[];
  /** ISO 8601. Absent if the zones are never open at the same time. */
  readonly nextAt?: string;
}

/**
 * Prints whether a number may be called now, why, in which zones, and when next. Only the calling hours are
 * checked: neither Truedy nor the deployment's dial check is asked.
 *
 * @returns 0 if the number may be called, else 8.
 */
export async function check(
  number: string,
  flags: CommonFlags &
    Pick<StartFlags, 'window' | 'days' | 'timeZone'> & {
      readonly allowKind?: readonly SpecialKind[];
    },
): Promise<number> {
  const { window, days, timeZone } = flags;
  const { countries, kind, isValid } = describeNumber(number);
  const zones = timeZone === undefined ? countries.flatMap(zonesOf) : [timeZone];
  const [zone = 'Etc/UTC'] = zones;
  const hours = window === undefined ? {} : { window, timeZone: zone, ...(days && { days }) };
  const input = checkedInput(await readStartFlags({ to: number, agent: 'any', ...hours }));
  refuseSpecial(number, flags.allowKind);
  if (window !== undefined && zones.length === 0) throw missingCountry(number);
  const hoursCheck = checkHours(input.window, zones, Date.now());
  const report = { number: maskNumber(number), kind, countries, isValid, ...hoursCheck };
  print(flags.output, report, textOf(report, flags.timeFormat));
  return hoursCheck.allowed ? EXIT.done : EXIT.notDialed;
}

/** Allowed only if all possible zones of the recipient are open: a guess could dial at night. */
export function checkHours(
  window: CallWindow | undefined,
  zones: readonly string[],
  nowMs: number,
): HoursCheck {
  const hours = window && zones.map((timeZone) => ({ ...window, timeZone }));
  const states = zones.map((timeZone) => ({
    timeZone,
    localTime: DateTime.fromMillis(nowMs, { zone: timeZone }).toISO() ?? '',
    open: window === undefined || isOpen({ ...window, timeZone }, nowMs),
  }));
  const closed = states.filter(({ open }) => !open).map(({ timeZone }) => timeZone);
  const nextMs = hours === undefined ? nowMs : nextInAll(hours, nowMs);
  return {
    allowed: closed.length === 0,
    because: reasonFor(window, closed, zones.length),
    zones: states,
    ...(nextMs !== undefined && { nextAt: new Date(nextMs).toISOString() }),
  };
}

// --- internal ---

function reasonFor(
  window: CallWindow | undefined,
  closed: readonly string[],
  zoneCount: number,
): string {
  if (window === undefined) return 'No calling hours are set (--window), so any time is allowed.';
  if (closed.length === 0) return 'The current time is inside the calling hours.';
  const [first = ''] = closed;
  return zoneCount === 1
    ? `The current time in ${first} is outside the calling hours.`
    : `The calling hours are closed in ${closed.length} of the ${zoneCount} zones that the number may be in, such as ${first}.`;
}

/** The first time at which all zones are open. */
function nextInAll(hours: readonly CallWindow[], nowMs: number): number | undefined {
  let atMs = nowMs;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const laterMs = Math.max(...hours.map((one) => nextOpeningMs(one, atMs)));
    if (laterMs === atMs) return atMs;
    atMs = laterMs;
  }
  return undefined;
}

/** The zones of a country. Newer versions of Node return them by a function. */
function zonesOf(country: string): readonly string[] {
  const locale: object = new Intl.Locale(`und-${country}`);
  const zones: unknown =
    'getTimeZones' in locale && typeof locale.getTimeZones === 'function'
      ? locale.getTimeZones()
      : 'timeZones' in locale && locale.timeZones;
  return Array.isArray(zones) ? zones.map(String) : [];
}

function textOf(
  report: HoursCheck & {
    readonly number: string;
    readonly kind: string;
    readonly isValid: boolean;
  },
  format: TimeFormat,
): string {
  const doubt = report.isValid ? '' : ', not in any numbering plan';
  return [
    `${report.allowed ? 'yes' : 'not now'}  ${report.number}  ${report.kind.replaceAll('_', ' ')}${doubt}`,
    `  ${report.because}`,
    ...zoneLines(report.zones),
    ...(report.allowed ? [] : [`  next  ${nextText(report, format)}`]),
  ].join('\n');
}

/** One line per local time: zones with the same time share a line. */
function zoneLines(zones: HoursCheck['zones']): readonly string[] {
  const clockOf = ({ localTime }: { localTime: string }) => localTime.slice(0, 16);
  const clocks = [...new Set(zones.map(clockOf))].sort();
  return clocks.map((clock) => {
    const [zone, ...others] = zones.filter((one) => clockOf(one) === clock);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `  ${zone?.open ? '✓' : '✗'} ${clock.replace('T', ' ')}  ${zone?.timeZone}${more}`;
  });
}

function nextText({ nextAt }: HoursCheck, format: TimeFormat): string {
  return nextAt === undefined
    ? 'never: these zones are never open at the same time; set --time-zone'
    : timeText(nextAt, format);
}

function missingCountry(number: string): KnownError {
  return usageError(
    `TT3006  ${maskNumber(number)} belongs to no country, so the calling hours need a time zone.`,
    '--time-zone Europe/Berlin',
  );
}
