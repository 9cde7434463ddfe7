import { z } from 'zod';
import { REFERENCE_VARIABLE } from '../call/dial-request';
import { hiddenCharacter, hiddenInName, withoutHidden } from '../call/text/characters';
import { durationMs } from '../call/text/duration';
import { isCarriedKey, type InputFault, type OutboundCallInput } from '../call/input';
import { instantMs } from '../call/text/instant';
import { REDIAL_OUTCOMES } from '../call/outcome';
import { isWithin } from '../call/text/masking';
import { timeZoneProblem } from './time-zone';

const MAX_BODY_BYTES = 64 * 1024;
/** Of a search attribute, where visibility is stored in SQL. */
const MAX_ATTRIBUTE_BYTES = 255;
const MAX_LABELS = 32;
/** A day: a longer wait is no call, and would be past what a server takes for a timeout. */
const MAX_VENDOR_SECONDS = 86_400;

const phoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, { error: 'is not E.164, such as +14155551234' });

/** Seconds as the vendor writes them. */
const vendorSeconds = z
  .string()
  .regex(/^[1-9]\d*s$/, { error: 'is not whole seconds, such as "30s"', abort: true })
  .refine((text) => Number.parseInt(text, 10) <= MAX_VENDOR_SECONDS, { error: 'is over 86400s' });

function duration(least: string, most: string) {
  const [leastMs, mostMs] = [durationMs(least) ?? 0, durationMs(most) ?? 0];
  return z.string().check((context) => {
    const ms = durationMs(context.value);
    if (ms === undefined) {
      fault(context, 'is not a duration, such as "30s", "5m", "2h" or "1d"');
    } else if (ms < leastMs || ms > mostMs) {
      fault(context, `is not between ${least} and ${most}`);
    }
  });
}

const NOT_AN_INSTANT = 'is not ISO 8601 with an offset, such as 2026-12-01T09:00:00-05:00';
const instant = z
  .string({ error: NOT_AN_INSTANT })
  .refine((text) => instantMs(text) !== undefined, { error: NOT_AN_INSTANT });

/** A word that is searched by, and that another system knows the same thing by. */
const searchable = z.string().check((context) => {
  const hidden = hiddenInName(context.value);
  if (hidden !== undefined) fault(context, `has a hidden character, ${hidden}`);
  if (!isWithin(context.value, MAX_ATTRIBUTE_BYTES)) {
    fault(context, `is over ${MAX_ATTRIBUTE_BYTES} bytes`);
  }
});

const callBody = z.strictObject({
  agent_id: searchable.min(1, { error: 'is empty' }),
  phone_number: phoneNumber,
  variables: z
    .custom<Record<string, string>>(isPlainObject, { error: 'is not an object' })
    .check((context) => {
      checkNames(context);
      for (const [name, value] of Object.entries(context.value)) {
        if (typeof value !== 'string') fault(context, 'is not a string', name);
        if (name === REFERENCE_VARIABLE) fault(context, 'is reserved', name);
        if (!isCarriedKey(name)) fault(context, 'is not a name for a variable', name);
      }
    })
    .optional(),
  from_number: phoneNumber.optional(),
  call_settings: z
    .strictObject({
      recording_enabled: z.boolean().optional(),
      transcription_enabled: z.boolean().optional(),
      greeting: z.string().optional(),
      max_duration: vendorSeconds.optional(),
      join_timeout: vendorSeconds.optional(),
    })
    .optional(),
});

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is not a time of day, such as "09:00"' });

const callWindow = z
  .strictObject({
    timeZone: z.string().check((context) => {
      const problem = timeZoneProblem(context.value);
      if (problem !== undefined) fault(context, problem);
    }),
    days: z
      .array(z.int({ error: 'is not a day: 1 is Monday, 7 Sunday' }).min(1).max(7))
      .min(1, { error: 'names no day' })
      .optional(),
    from: clock,
    to: clock,
  })
  .refine(
    holds(z.object({ from: clock, to: clock }), ({ from, to }) => from < to),
    {
      path: ['to'],
      error: 'is not after `from`',
      when: always,
    },
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
  .refine(
    holds(
      z.object({ maxAttempts: z.number().gt(1), after: z.looseObject({}).default({}) }),
      ({ after: delays }) => Object.keys(delays).length > 0,
    ),
    {
      path: ['after'],
      error: 'names no outcome although maxAttempts is over 1',
      when: always,
    },
  );

const inputSchema = z
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
        for (const { message } of error?.issues ?? []) fault(context, message, 'campaign');
      })
      .optional(),
  })
  .refine(
    holds(
      z.object({ call: z.looseObject({}) }),
      ({ call }) => Buffer.byteLength(JSON.stringify(call)) <= MAX_BODY_BYTES,
    ),
    { path: ['call'], error: 'is over 64 KiB as JSON', when: always },
  )
  .refine(
    holds(
      z.object({ notBefore: instant, expiresAt: instant }),
      ({ notBefore, expiresAt }) => (instantMs(notBefore) ?? 0) < (instantMs(expiresAt) ?? 0),
    ),
    { path: ['expiresAt'], error: 'is not after notBefore', when: always },
  );

/** Every fault of an input, in the order of its fields; none for a valid one. Values are not repeated. */
export function inputFaults(input: unknown): readonly InputFault[] {
  const checked = inputSchema.safeParse(input, { reportInput: true });
  return checked.success ? [] : checked.error.issues.flatMap(toFaults);
}

/** Whether the value is an input as documented: it is used as given, never as a copy in another order. */
export function isInput(input: unknown): input is OutboundCallInput {
  return inputFaults(input).length === 0;
}

// --- internal ---

/** A rule across fields, which counts only where the fields it looks at are well by themselves. */
function holds<T>(fields: z.ZodType<T>, rule: (value: T) => boolean): (value: unknown) => boolean {
  return (value) => {
    const read = fields.safeParse(value);
    return !read.success || rule(read.data);
  };
}

/** Rules across fields are looked at although another field has a fault: every fault is listed. */
function always(): boolean {
  return true;
}

function toFaults(issue: z.core.$ZodIssue): InputFault[] {
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

/** A value of the wrong form may be the right one to the eye. */
function hiddenIn({ input, message }: z.core.$ZodIssue): string {
  if (typeof input !== 'string' || !message.startsWith('is n')) return '';
  const hidden = hiddenCharacter(input);
  return hidden === undefined ? '' : `; it contains ${hidden}`;
}

/** A name with a hidden character is another name, which nothing refers to. */
function checkNames(context: z.core.ParsePayload<object>): void {
  for (const name of Object.keys(context.value)) {
    const hidden = hiddenInName(name);
    if (hidden === undefined) continue;
    fault(context, `has the name ${withoutHidden(name)} with a hidden character, ${hidden}`);
  }
}

function toPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'input';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function article(expected: string): string {
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function fault(context: z.core.ParsePayload, message: string, ...path: PropertyKey[]): void {
  context.issues.push({ code: 'custom', message, path, input: context.value });
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
