import type { Rule } from './broken';

export interface Mend {
  /** What is usually behind it. */
  readonly cause: string;
  /** The next command; `PATH` is what was looked at. */
  readonly fix: string;
}

/** What mends a rule that the delivery at `where` breaks. */
export function mendOf(rule: Rule, where: string): Mend {
  const { cause, fix } = MENDS[rule];
  return { cause, fix: fix.replace('PATH', () => where) };
}

// --- internal ---

const LISTEN = 'temporal truedy events listen --save ./hooks';

/** Let the vendor deliver past whatever stands in front of the bridge, and look again. */
function onTheWay(what: string): Mend {
  return { cause: `${what} Capture one that came past it:`, fix: LISTEN };
}

const LIST = 'temporal truedy list';

const LEFT_TO_POLLING: Mend = {
  cause: 'It is signed, so its sender made it so. Polling brings the ending without it:',
  fix: LIST,
};

/** What mends each rule. */
const MENDS: Readonly<Record<Rule, Mend>> = {
  too_large: {
    cause: 'No delivery is known to be so long. Polling brings the ending without it:',
    fix: LIST,
  },
  content_encoding: onTheWay('A proxy compressed it.'),
  content_type: onTheWay('A proxy changed it, or the sender is not Truedy.'),
  header_doubled: onTheWay('A proxy added it again.'),
  header_spelling: onTheWay('A proxy renames headers, or the sender is not Truedy.'),
  header_missing: onTheWay('A proxy drops headers it does not know, or the sender is not Truedy.'),
  timestamp_form: onTheWay('A proxy changed it, or the sender is not Truedy.'),
  stale: {
    cause: 'Anybody could send an old one again, so it is refused. Signed anew it is taken:',
    fix: 'temporal truedy events replay PATH',
  },
  future: {
    cause:
      'The clock of this machine, or that of its sender, is wrong. All but its age is judged by:',
    fix: 'temporal truedy events verify PATH --ignore-age',
  },
  signature_form: onTheWay('Something wrote the signature anew, or the sender is not Truedy.'),
  body_reformatted: onTheWay(
    'A proxy parsed the JSON and wrote it again, or the sender signs other bytes than it sends, as an old\n' +
      '        backend of Truedy does (Python, sorted keys): polling brings the ending.',
  ),
  wrong_secret: {
    cause:
      "Usual causes: the secret of another endpoint, or bytes changed on the way. Truedy's dashboard\n" +
      '        (Settings, Webhooks) shows the secret of each endpoint. Newest first:',
    fix: 'TRUEDY_WEBHOOK_SECRETS=whsec_new,whsec_old npm run bridge',
  },
  not_utf8: LEFT_TO_POLLING,
  not_json: LEFT_TO_POLLING,
  unreasonable: LEFT_TO_POLLING,
  shape: LEFT_TO_POLLING,
};
