import { spanText } from '../../call/text/duration';
import { readWebhookSecrets } from '../../runtime/config';
import { loadEnvironment } from '../../runtime/process';
import { parseInstantMs } from '../../truedy/parse-instant';
import { isSigned, readClaim, sentMsOf } from '../../truedy/signature';
import type { CommonFlags } from '../shared/flags';
import { readHeader, secretName, shown, type RawDelivery } from './delivery';
import { readSaved, type SavedAt } from './saved-delivery';
import { EXIT } from '../shared/exit-codes';
import { diagnose, type Diagnosis } from './diagnose/diagnose';
import { print } from '../shared/output';
import { usageError } from '../shared/usage-error';

/**
 * Prints whether the bridge would accept a saved delivery or else the first rule it breaks.
 *
 * @returns 0 if it would; 3 for a wrong secret, which is most likely a settings problem; 2 for all other rules.
 */
export async function verify(
  saved: SavedAt,
  flags: CommonFlags & { readonly at?: string; readonly ignoreAge?: boolean },
): Promise<number> {
  const delivery = readSaved(saved);
  const secrets = readWebhookSecrets(loadEnvironment());
  const nowMs = clockOf(delivery, flags);
  const diagnosis = await diagnose(delivery, secrets, nowMs);
  const verdict = toVerdict(delivery, diagnosis, secrets, nowMs);
  const { broken } = diagnosis;
  if (broken === undefined) {
    print(flags.output, verdict, acceptedText(verdict));
    return EXIT.done;
  }
  const { rule, cause } = broken;
  const fix = broken.fix.replace('PATH', () => whereOf(saved));
  const value = { ...verdict, cause: cause.replace(/\s+/g, ' '), fix: [fix] };
  print(flags.output, value, `${refusedText(verdict)}\n        ${cause}\n        ${fix}`);
  return rule === 'wrong_secret' ? EXIT.settings : EXIT.usage;
}

// --- internal ---

function whereOf({ path, body, headers }: SavedAt): string {
  return path ?? `--body ${body} --headers ${headers}`;
}

type Verdict = ReturnType<typeof toVerdict>;

/** The instant to check the age at: the one in the flags, else when it was received, else now. */
function clockOf(
  { headers, receivedAt }: RawDelivery,
  { at, ignoreAge }: { readonly at?: string; readonly ignoreAge?: boolean },
): number {
  if (ignoreAge) {
    const sentMs = sentMsOf(claimOf({ headers })?.timestamp ?? '');
    if (!Number.isNaN(sentMs)) return sentMs;
  }
  const ms = at === undefined || at === 'now' ? Date.now() : parseInstantMs(at);
  if (Number.isNaN(ms)) {
    throw usageError(
      'TT3002  --at must be an ISO 8601 instant or `now`.',
      '--at 2026-12-01T09:00:00Z',
    );
  }
  return at === undefined && receivedAt !== undefined ? Date.parse(receivedAt) : ms;
}

function claimOf({ headers }: Pick<RawDelivery, 'headers'>) {
  return readClaim((name) => readHeader(headers, name));
}

function toVerdict(
  saved: RawDelivery,
  { received, broken, delivery, reference }: Diagnosis,
  secrets: readonly string[],
  nowMs: number,
) {
  const { body: rawBody } = saved;
  const claim = claimOf(saved);
  const secret = claim && secrets.find((one) => isSigned({ ...claim, rawBody, secrets: [one] }));
  const sentMs = sentMsOf(claim?.timestamp ?? '');
  return {
    taken: received.status === 204,
    status: received.status,
    rule: broken?.rule ?? null,
    problem: broken?.problem ?? null,
    bytes: rawBody.byteLength,
    judgedAt: new Date(nowMs).toISOString(),
    ageSeconds: Number.isNaN(sentMs) ? null : Math.round((nowMs - sentMs) / 1000),
    secret: secret === undefined ? null : secretName(secret),
    event: shown(delivery?.event),
    used: delivery === undefined ? null : received.fate === 'taken',
    deliveryId: shown(delivery?.deliveryId),
    ids: delivery?.ids ?? [],
    reference: shown(delivery?.reference),
    namespace: reference?.namespace ?? null,
    workflowId: shown(reference?.workflowId),
    attempt: reference?.attempt ?? null,
  };
}

function acceptedText(verdict: Verdict): string {
  const { event, used, ids, deliveryId, namespace, workflowId, attempt } = verdict;
  const run =
    workflowId === null
      ? 'found by the call ids (TruedyCallId), since it has no reference of ours'
      : `${workflowId}, attempt ${attempt}, in namespace ${namespace}`;
  return [
    `The bridge accepts it (204): ${event}${used ? '' : ', which it ignores'}. ${factsOf(verdict)}.`,
    `  run       ${used ? run : 'none; no run uses this event'}`,
    `  call ids  ${ids.length === 0 ? 'none' : ids.join(', ')}`,
    `  delivery  ${deliveryId ?? 'no id; duplicates are recognized by their bytes'}`,
  ].join('\n');
}

function refusedText(verdict: Verdict): string {
  const { status, rule, problem } = verdict;
  return [
    `TT4002  Webhook refused (${status}), ${rule}: ${problem}.`,
    `        ${factsOf(verdict)}.`,
  ].join('\n');
}

function factsOf({ ageSeconds, bytes, secret, judgedAt, rule }: Verdict): string {
  const size = `${bytes.toLocaleString('en')} bytes`;
  // Warns before the age is fixed that this would not be enough.
  const isForged = secret === null && (rule === 'stale' || rule === 'future');
  const by = secret === null ? [] : [`secret ${secret}`];
  if (isForged) by.push('and not signed with our secrets either');
  const age = ageSeconds === null ? [] : [ageText(ageSeconds)];
  return [size, ...by, ...age, `checked as of ${judgedAt}`].join(', ');
}

function ageText(seconds: number): string {
  return seconds < 0
    ? `${spanText(-seconds * 1000)} ahead of the clock`
    : `${spanText(seconds * 1000)} old`;
}
