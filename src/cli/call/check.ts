import { DateTime } from 'luxon';
import { isOpen, nextOpeningMs } from '../../activities/calling-window';
import type { CallWindow } from '../../call/input';
import { maskNumber } from '../../call/text/masking';
import { KnownError } from '../../runtime/process';
import { checkedInput } from './checked-input';
import type { CommonFlags, TimeFormat } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { describeNumber, refuseSpecial } from './phone-number';
import type { SpecialKind } from '../shared/parsers';
import { print } from '../shared/output';
import { readStartFlags, type StartFlags } from './start-flags';
import { timeText } from '../shared/time-text';

/** Zones may be open one after another, and all at once only after some days. */
const MOST_STEPS = 100;

/** Whether a number may be called now, as its calling hours say. */
export interface Answer {
  readonly allowed: boolean;
  /** One sentence. */
  readonly because: string;
  readonly zones: readonly {
    readonly timeZone: string;
    /** ISO 8601 with its offset. */
    readonly localTime: string;
    readonly open: boolean;
  }[];
  /** ISO 8601; absent where no instant suits all zones. */
  readonly nextAt?: string;
}

/**
 * May this number be called now? Tells yes or no, why, in which zones, and when next. Nobody is asked:
 * neither Truedy nor the deployment's own check, which has its say just before a dial.
 *
 * @returns 0 for yes, 8 for not now.
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
  const input = checkedInput(await readStartFlags({ to: number, agent: 'nobody', ...hours }));
  refuseSpecial(number, flags.allowKind);
  if (window !== undefined && zones.length === 0) throw zoneless(number);
  const answer = mayCall(input.window, zones, Date.now());
  const told = { number: maskNumber(number), kind, countries, isValid, ...answer };
  print(flags.output, told, textOf(told, flags.timeFormat));
  return answer.allowed ? EXIT.done : EXIT.heldBack;
}

/** Open means open in every zone the person may be in: nobody is rung at night by a guess. */
export function mayCall(
  window: CallWindow | undefined,
  zones: readonly string[],
  nowMs: number,
): Answer {
  const hours = window && zones.map((timeZone) => ({ ...window, timeZone }));
  const seen = zones.map((timeZone) => ({
    timeZone,
    localTime: DateTime.fromMillis(nowMs, { zone: timeZone }).toISO() ?? '',
    open: window === undefined || isOpen({ ...window, timeZone }, nowMs),
  }));
  const closed = seen.filter(({ open }) => !open).map(({ timeZone }) => timeZone);
  const nextMs = hours === undefined ? nowMs : nextInAll(hours, nowMs);
  return {
    allowed: closed.length === 0,
    because: becauseOf(window, closed, zones.length),
    zones: seen,
    ...(nextMs !== undefined && { nextAt: new Date(nextMs).toISOString() }),
  };
}

// --- internal ---

function becauseOf(window: CallWindow | undefined, closed: readonly string[], of: number): string {
  if (window === undefined)
    return 'No calling hours were given (--window), so any time is allowed.';
  if (closed.length === 0) return 'It is inside the calling hours.';
  const [first = ''] = closed;
  return of === 1
    ? `It is outside the calling hours in ${first}.`
    : `It is outside the calling hours in ${closed.length} of ${of} zones the number may be in, such as ${first}.`;
}

/** The first instant at which all of them are open. */
function nextInAll(hours: readonly CallWindow[], nowMs: number): number | undefined {
  let atMs = nowMs;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const laterMs = Math.max(...hours.map((one) => nextOpeningMs(one, atMs)));
    if (laterMs === atMs) return atMs;
    atMs = laterMs;
  }
  return undefined;
}

/** The zones of a country. Newer versions of Node name the same list by a function. */
function zonesOf(country: string): readonly string[] {
  const locale: object = new Intl.Locale(`und-${country}`);
  const zones: unknown =
    'getTimeZones' in locale && typeof locale.getTimeZones === 'function'
      ? locale.getTimeZones()
      : 'timeZones' in locale && locale.timeZones;
  return Array.isArray(zones) ? zones.map(String) : [];
}

function textOf(
  told: Answer & { readonly number: string; readonly kind: string; readonly isValid: boolean },
  format: TimeFormat,
): string {
  const doubt = told.isValid ? '' : ', which numbering plans do not know';
  return [
    `${told.allowed ? 'yes' : 'not now'}  ${told.number}  ${told.kind.replaceAll('_', ' ')}${doubt}`,
    `  ${told.because}`,
    ...zoneLines(told.zones),
    ...(told.allowed ? [] : [`  next  ${nextText(told, format)}`]),
  ].join('\n');
}

/** A line for each time of day that it is somewhere there. */
function zoneLines(zones: Answer['zones']): readonly string[] {
  const clockOf = ({ localTime }: { localTime: string }) => localTime.slice(0, 16);
  const clocks = [...new Set(zones.map(clockOf))].sort();
  return clocks.map((clock) => {
    const [zone, ...others] = zones.filter((one) => clockOf(one) === clock);
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `  ${zone?.open ? '✓' : '✗'} ${clock.replace('T', ' ')}  ${zone?.timeZone}${more}`;
  });
}

function nextText({ nextAt }: Answer, format: TimeFormat): string {
  return nextAt === undefined
    ? 'never in all of these zones at once: name the one with --time-zone'
    : timeText(nextAt, format);
}

function zoneless(number: string): KnownError {
  return new KnownError(
    `TT3006  ${maskNumber(number)} tells no country, so its calling hours have no time zone.\n` +
      '        --time-zone Europe/Berlin',
    EXIT.usage,
  );
}
