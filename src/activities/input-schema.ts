import { z } from 'zod';
import { REFERENCE_VARIABLE } from '../call/dial-request';
import { hiddenCharacter, hiddenInName, withoutHidden, fitsInBytes } from '../call/text/characters';
import { durationMs } from '../call/text/duration';
import { isCarriedKey, type InputProblem, type OutboundCallInput } from '../call/input';
import { instantMs } from '../call/text/instant';
import { REDIAL_OUTCOMES } from '../call/outcome';
import { isObject } from '../call/untrusted-values';
import { timeZoneProblem } from '../call/text/time-zone';

const MAX_BODY_BYTES = 64 * 1024;
/** The limit of a search attribute when visibility is stored in SQL. */
const MAX_ATTRIBUTE_BYTES = 255;
const MAX_LABELS = 32;
/** One day. No call takes longer, and the server rejects timeouts far beyond it. */
const MAX_TRUEDY_SECONDS = 86_400;

const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, { error: 'is not E.164, such as +14155551234' });

/** Seconds in Truedy's format. */
const truedySeconds = z
  .string()
  .regex(/^[1-9]\d*s$/, { error: 'is not whole seconds, such as "30s"', abort: true })
  .refine((text) => Number.parseInt(text, 10) <= MAX_TRUEDY_SECONDS, { error: 'is over 86400s' });

function duration(least: string, most: string) {
  const [leastMs, mostMs] = [durationMs(least) ?? 0, durationMs(most) ?? 0];
  return z.string().check((context) => {
    const ms = durationMs(context.value);
    if (ms === undefined) {
      addProblem(context, 'is not a duration, such as "30s", "5m", "2h" or "1d"');
    } else if (ms < leastMs || ms > mostMs) {
      addProblem(context, `is not between ${least} and ${most}`);
    }
  });
}

const NOT_AN_INSTANT = 'is not ISO 8601 with an offset, such as 2026-12-01T09:00:00-05:00';
const instant = z
  .string({ error: NOT_AN_INSTANT })
  .refine((text) => instantMs(text) !== undefined, { error: NOT_AN_INSTANT });

/** A search attribute that other systems use as an identifier too, so hidden characters are rejected. */
const searchable = z.string().check((context) => {
  const hidden = hiddenInName(context.value);
  if (hidden !== undefined) addProblem(context, `has a hidden character, ${hidden}`);
  if (!fitsInBytes(context.value, MAX_ATTRIBUTE_BYTES)) {
    addProblem(context, `is over ${MAX_ATTRIBUTE_BYTES} bytes`);
  }
});

const callBody = z.strictObject({
  agent_id: searchable.min(1, { error: 'is empty' }),
  phone_number: phoneNumber,
  variables: z
    .custom<Record<string, string>>(isObject, { error: 'is not an object' })
    .check((context) => {
      checkNames(context);
      for (const [name, value] of Object.entries(context.value)) {
        if (typeof value !== 'string') addProblem(context, 'is not a string', name);
        if (name === REFERENCE_VARIABLE) addProblem(context, 'is reserved', name);
        if (!isCarriedKey(name)) addProblem(context, 'is not a name for a variable', name);
      }
    })
    .optional(),
  from_number: phoneNumber.optional(),
  call_settings: z
    .strictObject({
      recording_enabled: z.boolean().optional(),
      transcription_enabled: z.boolean().optional(),
      greeting: z.string().optional(),
      max_duration: truedySeconds.optional(),
      join_timeout: truedySeconds.optional(),
    })
    .optional(),
});

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is not a time of day, such as "09:00"' });

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const callWindow = z
  .strictObject({
    timeZone: z.string().check((context) => {
      const problem = timeZoneProblem(context.value);
      if (problem !== undefined) addProblem(context, problem);
    }),
    days: z
      .array(z.literal(DAYS, { error: 'is not a day from 1 (Monday) to 7 (Sunday)' }))
      .min(1, { error: 'names no day' })
      .optional(),
    from: clock,
    to: clock,
  })
  .check(
    rule(
      'to',
      'is not after `from`',
      z.object({ from: clock, to: clock }),
      ({ from, to }) => from < to,
    ),
  );

const after = z.strictObject(
  Object.fromEntries(
    REDIAL_OUTCOMES.map((outcome) => [
      outcome,
      z
        .array(duration('1m', '30d'))
        .min(1, { error: 'names no delay' })
        .max(20, { error: 'names over 20 delays' })
        .optional(),
    ]),
  ),
);

const redial = z
  .strictObject({
    maxAttempts: z
      .int({ error: 'is not a whole number from 1 to 20' })
      .min(1, { error: 'is not between 1 and 20' })
      .max(20, { error: 'is not between 1 and 20' })
      .optional(),
    after: after.optional(),
  })
  .check(
    rule(
      'after',
      'names no outcome although maxAttempts is over 1',
      z.object({ maxAttempts: z.number().gt(1), after: z.looseObject({}).default({}) }),
      ({ after: delays }) => Object.keys(delays).length > 0,
    ),
  );

export const inputSchema = z
  .strictObject({
    call: callBody,
    completion: z
      .strictObject({
        mode: z.enum(['webhook', 'poll'], { error: 'is neither "webhook" nor "poll"' }).optional(),
        grace: duration('0s', '1h').optional(),
        pollEvery: duration('5s', '1h').optional(),
        artifacts: duration('0s', '10m').optional(),
      })
      .optional(),
    redial: redial.optional(),
    window: callWindow.optional(),
    notBefore: instant.optional(),
    expiresAt: instant.optional(),
    placement: z.strictObject({ settle: duration('90s', '1h').optional() }).optional(),
    labels: z
      .record(
        z.string().max(64, { error: 'has a name over 64 characters' }),
        z.string().max(256, { error: 'is over 256 characters' }),
      )
      .refine((labels) => Object.keys(labels).length <= MAX_LABELS, {
        error: `has over ${MAX_LABELS} entries`,
      })
      .check((context) => {
        checkNames(context);
        const { error } = searchable.optional().safeParse(context.value['campaign']);
        for (const { message } of error?.issues ?? []) addProblem(context, message, 'campaign');
      })
      .optional(),
  })
  .check(
    rule(
      'call',
      'is over 64 KiB as JSON',
      z.object({ call: z.looseObject({}) }),
      ({ call }) => Buffer.byteLength(JSON.stringify(call)) <= MAX_BODY_BYTES,
    ),
    rule(
      'expiresAt',
      'is not after notBefore',
      z.object({ notBefore: instant, expiresAt: instant }),
      ({ notBefore, expiresAt }) => (instantMs(notBefore) ?? 0) < (instantMs(expiresAt) ?? 0),
    ),
  );

export interface ValidatedInput {
  /** The input as given, since a parsed copy could order its fields differently. `undefined` if it has problems. */
  readonly input: OutboundCallInput | undefined;
  /** Every problem, in the order of the fields. Values are not quoted. */
  readonly problems: readonly InputProblem[];
}

export function validateInput(input: unknown): ValidatedInput {
  const { error } = inputSchema.safeParse(input, { reportInput: true });
  const problems = error?.issues.flatMap(toProblems) ?? [];
  return { input: isValid(input, problems) ? input : undefined, problems };
}

// --- internal ---

function isValid(_: unknown, problems: readonly InputProblem[]): _ is OutboundCallInput {
  return problems.length === 0;
}

/** A rule across fields. It runs even if other fields have problems, but not if one of its own is invalid. */
function rule<T>(path: string, error: string, fields: z.ZodType<T>, isMet: (value: T) => boolean) {
  const isMetOrInvalid = (value: unknown) => {
    const read = fields.safeParse(value);
    return !read.success || isMet(read.data);
  };
  return z.refine(isMetOrInvalid, { path: [path], error, when: () => true });
}

function toProblems(issue: z.core.$ZodIssue): InputProblem[] {
  const path = toPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === 'input' ? key : `${path}.${key}`,
      problem: 'is not a field',
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, problem: issue.issues[0]?.message ?? issue.message }];
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [{ path, problem: 'is required' }];
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid')) {
    return [{ path, problem: `is not ${article(issue.expected)}` }];
  }
  return [{ path, problem: `${issue.message}${hiddenIn(issue)}` }];
}

/** Points out a hidden character: to the eye, the value may have the right format. */
function hiddenIn({ input, message }: z.core.$ZodIssue): string {
  if (typeof input !== 'string' || !message.startsWith('is n')) return '';
  const hidden = hiddenCharacter(input);
  return hidden === undefined ? '' : `; it contains ${hidden}`;
}

/** A name with a hidden character looks the same but is a different name, which nothing refers to. */
function checkNames(context: z.core.ParsePayload<object>): void {
  for (const name of Object.keys(context.value)) {
    const hidden = hiddenInName(name);
    if (hidden === undefined) continue;
    addProblem(context, `has the name ${withoutHidden(name)} with a hidden character, ${hidden}`);
  }
}

function toPath(path: readonly PropertyKey[]): string {
  const steps = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return steps.join('').replace(/^\./, '') || 'input';
}

function article(expected: string): string {
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function addProblem(context: z.core.ParsePayload, message: string, ...path: PropertyKey[]): void {
  context.issues.push({ code: 'custom', message, path, input: context.value });
}
