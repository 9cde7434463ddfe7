import { z } from 'zod';
import { normalizeWord } from '../call/outcome';
import { parsePolicy } from '../call/contact/policy';

/** The contact limits. The key is also a setting of clients that record opt-outs. */
export const contactSettings = z.object({
  TRUEDY_CONTACT_POLICY: z
    .string()
    .transform((text, context) => {
      const parsed = parsePolicy(text);
      if ('policy' in parsed) return parsed.policy;
      for (const message of parsed.problems) {
        context.issues.push({ code: 'custom', message, input: text });
      }
      return z.NEVER;
    })
    .optional(),
  TRUEDY_CONTACT_KEY: z.string().min(16, { error: 'is under 16 characters' }).optional(),
});

/** Truedy's words for the outcome of a call that mean an opt-out, also without a contact policy. */
export const optOutOutcomes = z
  .string()
  .default('opted_out,do_not_call')
  .transform((list) => (list.trim() === '' ? [] : list.split(',').map(normalizeWord)))
  .pipe(
    z
      .array(
        z
          .string()
          .min(1, { error: 'contains an empty word' })
          .max(256, { error: 'contains a word of over 256 characters' }),
      )
      .max(50, { error: 'contains over 50 words' }),
  );

export const HAS_CONTACT_KEY = {
  path: ['TRUEDY_CONTACT_KEY'],
  error: 'is not set, but TRUEDY_CONTACT_POLICY is: generate one with openssl rand -hex 32',
  when: () => true,
};

/** Evaluated even if other settings are invalid, hence `unknown`. */
export function hasContactKey(settings: {
  readonly TRUEDY_CONTACT_POLICY?: unknown;
  readonly TRUEDY_CONTACT_KEY?: unknown;
}): boolean {
  return settings.TRUEDY_CONTACT_POLICY === undefined || settings.TRUEDY_CONTACT_KEY !== undefined;
}
