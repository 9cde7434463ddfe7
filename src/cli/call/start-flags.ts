import { REDIAL_OUTCOMES } from '../../call/outcome';
import type { KnownError } from '../../runtime/process';
import { TextFileError } from '../../runtime/text-file';
import { readJsonObject } from '../shared/json-file';
import { usageError } from '../shared/usage-error';

/** The flags of `start`, as commander hands them over. */
export interface StartFlags {
  readonly input?: string;
  readonly to?: string;
  readonly agent?: string;
  readonly from?: string;
  readonly var?: readonly string[];
  readonly varsFile?: string;
  readonly greeting?: string;
  readonly maxDuration?: string;
  readonly joinTimeout?: string;
  readonly recording?: boolean;
  readonly transcription?: boolean;
  readonly completion?: string;
  readonly grace?: string;
  readonly pollEvery?: string;
  readonly artifacts?: string;
  readonly settle?: string;
  readonly maxAttempts?: number;
  readonly redial?: readonly string[];
  readonly window?: string;
  readonly days?: string;
  readonly timeZone?: string;
  readonly notBefore?: string;
  readonly expiresAt?: string;
  readonly label?: readonly string[];
}

/** Far above the limit for a call, which the input check enforces with a better message. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** The workflow input from `--input`, overridden by the flags. Not validated here. */
export async function readStartFlags(flags: StartFlags): Promise<unknown> {
  const base = flags.input === undefined ? {} : readJson('--input', flags.input);
  const variables = {
    ...(flags.varsFile === undefined ? {} : readJson('--vars-file', flags.varsFile)),
    ...pairs('--var', flags.var),
  };
  const call = merged(base['call'], {
    agent_id: flags.agent,
    phone_number: flags.to,
    ...(Object.keys(variables).length > 0 && {
      variables: merged(fieldsOf(base['call'])['variables'], variables),
    }),
    from_number: flags.from,
    call_settings: section(fieldsOf(base['call'])['call_settings'], {
      recording_enabled: flags.recording,
      transcription_enabled: flags.transcription,
      greeting: flags.greeting,
      max_duration: flags.maxDuration,
      join_timeout: flags.joinTimeout,
    }),
  });
  const { completion, grace, pollEvery, artifacts, settle, maxAttempts } = flags;
  return merged(base, {
    call,
    completion: section(base['completion'], { mode: completion, grace, pollEvery, artifacts }),
    redial: section(base['redial'], { maxAttempts, after: readRedial(flags.redial) }),
    window: section(base['window'], readWindow(flags)),
    notBefore: flags.notBefore,
    expiresAt: flags.expiresAt,
    placement: section(base['placement'], { settle }),
    labels: section(base['labels'], pairs('--label', flags.label)),
  });
}

/** The fields of both. Those of `over` win unless they are `undefined`. */
export function merged(base: unknown, over: Fields): Fields {
  const given = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...fieldsOf(base), ...Object.fromEntries(given) };
}

/** A section of the input. Without flags for it, it stays as it is, even if invalid or absent. */
export function section(base: unknown, over: Fields): unknown {
  const isGiven = Object.values(over).some((value) => value !== undefined);
  return isGiven ? merged(base, over) : base;
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

// --- internal ---

function usage(problem: string, next: string): KnownError {
  return usageError(`TT3002  ${problem}. Nothing was sent.`, next);
}

function readJson(flag: string, path: string): Fields {
  try {
    return readJsonObject(path, MAX_FILE_BYTES);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw usage(`${flag} ${path} ${error.problem}`, error.fix);
  }
}

function pairs(flag: string, texts: readonly string[] = []): Record<string, string> {
  const values = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw usage(`${flag} must be name=value`, `${flag} first_name=Sarah`);
    const name = text.slice(0, at);
    if (values.has(name)) throw usage(`${flag} sets ${name} twice`, `${flag} ${name}=…`);
    values.set(name, text.slice(at + 1));
  }
  return Object.fromEntries(values);
}

function readRedial(texts: readonly string[] | undefined): Fields | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(pairs('--redial', texts)).map(([outcome, delays]) => {
      if (!REDIAL_OUTCOMES.some((known) => known === outcome)) {
        throw usage(
          `--redial only accepts the outcomes ${REDIAL_OUTCOMES.join(', ')}`,
          '--redial no_answer=30m,2h',
        );
      }
      return [outcome, delays.split(',')];
    }),
  );
}

function readWindow({ window, days, timeZone }: StartFlags): Fields {
  const [from, to, ...more] = window?.split('-') ?? [];
  if (window !== undefined && (to === undefined || more.length > 0)) {
    throw usage('--window must be two times of day', '--window 09:00-18:00');
  }
  return { timeZone, days: days === undefined ? undefined : readDays(days), from, to };
}

/** `1-5`, `6,7`, or across the weekend: `5-1` is Friday to Monday. 1 is Monday. */
function readDays(text: string): readonly number[] {
  const days = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^([1-7])(?:-([1-7]))?$/.exec(part) ?? [];
    if (first === undefined) {
      throw usage('--days must be days from 1 (Monday) to 7 (Sunday)', '--days 1-5');
    }
    const count = (Number(last) - Number(first) + 7) % 7;
    return Array.from({ length: count + 1 }, (_, at) => ((Number(first) - 1 + at) % 7) + 1);
  });
  return [...new Set(days)].sort((a, b) => a - b);
}
