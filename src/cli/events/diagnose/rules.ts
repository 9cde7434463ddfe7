import type { DeliveryResult } from '../../../webhook/receive';
import * as problem from './problems';

interface Fix {
  /** The usual cause, which leads over to the command. */
  readonly cause: string;
  /** The next command; `PATH` stands for the saved delivery. */
  readonly fix: string;
}

const capture = (cause: string): Fix => ({
  cause: `${cause} Capture a delivery that bypasses the proxy:`,
  fix: 'temporal truedy events listen --save ./hooks',
});
const poll = (cause: string): Fix => ({
  cause: `${cause} Polling reports the call without it:`,
  fix: 'temporal truedy list',
});
const OTHER_SENDER = capture('A proxy changed it, or Truedy is not the sender.');
const SENT_LIKE_THIS = poll('The signature is valid, so the sender sent it like this.');
const REFORMATTED = capture(
  'A proxy parsed the JSON and wrote it again. Or an old Truedy backend signed other bytes than it sent\n' +
    '        (Python, sorted keys), and polling reports the call.',
);
const REPLAY: Fix = {
  cause: 'Old deliveries are refused because anyone could resend them. Sign it again and send it:',
  fix: 'temporal truedy events replay PATH',
};
const IGNORE_AGE: Fix = {
  cause: 'The clock of this machine or of the sender is wrong. Check everything but the age:',
  fix: 'temporal truedy events verify PATH --ignore-age',
};
const SET_SECRETS: Fix = {
  cause:
    'The secret belongs to another endpoint, or the bytes changed in transit. The Truedy dashboard\n' +
    '        (Settings, Webhooks) shows the secret of each endpoint. Set them, newest first:',
  fix: 'TRUEDY_WEBHOOK_SECRETS=whsec_new,whsec_old npm run bridge',
};

/**
 * Every rule a delivery can break, in the order they are checked: its public name, the results of the
 * bridge it can explain, the check, and the fix.
 */
const TABLE = [
  rule('too_large', ['too_large'], problem.tooLarge, poll('No known delivery is that large.')),
  rule('content_encoding', ['wrong_type'], problem.encoded, capture('A proxy compressed it.')),
  rule('content_type', ['wrong_type'], problem.notJsonType, OTHER_SENDER),
  rule(
    'header_doubled',
    ['unsigned', 'stale', 'forged'],
    problem.headerDoubled,
    capture('A proxy added it again.'),
  ),
  rule('header_spelling', ['unsigned'], problem.headersMisspelled, OTHER_SENDER),
  rule('header_missing', ['unsigned'], problem.headersMissing, OTHER_SENDER),
  rule('timestamp_form', ['stale'], problem.timestampUnreadable, OTHER_SENDER),
  rule('stale', ['stale'], problem.timestampOld, REPLAY),
  rule('future', ['stale'], problem.timestampAhead, IGNORE_AGE),
  rule('signature_form', ['forged'], problem.signatureMisformed, OTHER_SENDER),
  rule('body_reformatted', ['forged'], problem.bodyReformatted, REFORMATTED),
  rule('wrong_secret', ['forged'], problem.signatureByOther, SET_SECRETS),
  rule('not_utf8', ['unusable'], problem.notUtf8, SENT_LIKE_THIS),
  rule('not_json', ['unusable'], problem.notJson, SENT_LIKE_THIS),
  rule('unreasonable', ['unusable'], problem.unreasonable, SENT_LIKE_THIS),
  rule('shape', ['unusable'], problem.wrongShape, SENT_LIKE_THIS),
];

/** The rules by their public names, which scripts read, in the order they are checked. */
export const RULES = TABLE.map(({ name }) => name);

/** The first rule a delivery breaks. */
export interface BrokenRule extends Fix {
  readonly rule: (typeof RULES)[number];
  readonly problem: string;
}

/** Finds the rule that explains a refusal; `undefined` if the delivery did not cause it. */
export function findBrokenRule(
  result: DeliveryResult,
  delivery: problem.Examined,
): BrokenRule | undefined {
  for (const { name, explains, find, fix } of TABLE) {
    const found = explains.includes(result) ? find(delivery) : undefined;
    if (found !== undefined) return { rule: name, problem: found, ...fix };
  }
  return undefined;
}

// --- internal ---

function rule<const Name extends string>(
  name: Name,
  explains: readonly DeliveryResult[],
  find: (delivery: problem.Examined) => string | undefined,
  fix: Fix,
) {
  return { name, explains, find, fix };
}
