import { spanText } from '../../call/text/masking';
import { readWebhookSecrets } from '../../runtime/config';
import { KnownError, loadEnvironment } from '../../runtime/process';
import { instantMs } from '../../truedy/parse-instant';
import { isSigned, readClaim, sentMsOf } from '../../truedy/signature';
import type { CommonFlags } from '../shared/flags';
import { readHeader, secretName, shown, type RawDelivery } from './delivery';
import { readSaved, type SavedAt } from './saved-delivery';
import { EXIT } from '../shared/exit-codes';
import { judge, type Judged } from './diagnose/diagnose';
import { mendOf } from './diagnose/fixes';
import { print } from '../shared/output';

/**
 * Says whether the bridge would take a saved delivery, and else the one rule it breaks first.
 *
 * @returns 0 where it would; 3 where a secret of ours is at fault; 2 where the delivery is.
 */
export async function verify(
  saved: SavedAt,
  flags: CommonFlags & { readonly at?: string; readonly ignoreAge?: boolean },
): Promise<number> {
  const delivery = readSaved(saved);
  const secrets = readWebhookSecrets(loadEnvironment());
  const nowMs = clockOf(delivery, flags);
  const judged = await judge(delivery, secrets, nowMs);
  const verdict = toVerdict(delivery, judged, secrets, nowMs);
  if (verdict.rule === null) {
    print(flags.output, verdict, takenText(verdict));
    return EXIT.done;
  }
  const { cause, fix } = mendOf(verdict.rule, whereOf(saved));
  const told = { ...verdict, cause: cause.replace(/\s+/g, ' '), fix: [fix] };
  print(flags.output, told, `${refusedText(verdict)}\n        ${cause}\n        ${fix}`);
  return verdict.rule === 'wrong_secret' ? EXIT.settings : EXIT.usage;
}

// --- internal ---

function whereOf({ path, body, headers }: SavedAt): string {
  return path ?? `--body ${body} --headers ${headers}`;
}

type Verdict = ReturnType<typeof toVerdict>;

/** When to judge its age: as asked, else when it came, else now. */
function clockOf(
  { headers, receivedAt }: RawDelivery,
  { at, ignoreAge }: { readonly at?: string; readonly ignoreAge?: boolean },
): number {
  if (ignoreAge) {
    const sentMs = sentMsOf(claimOf({ headers })?.timestamp ?? '');
    if (!Number.isNaN(sentMs)) return sentMs;
  }
  const ms = at === undefined || at === 'now' ? Date.now() : instantMs(at);
  if (Number.isNaN(ms)) {
    throw new KnownError(
      'TT3002  --at takes an instant of ISO 8601, or now.\n        --at 2026-12-01T09:00:00Z',
      EXIT.usage,
    );
  }
  return at === undefined && receivedAt !== undefined ? Date.parse(receivedAt) : ms;
}

function claimOf({ headers }: Pick<RawDelivery, 'headers'>) {
  return readClaim((name) => readHeader(headers, name));
}

function toVerdict(
  delivery: RawDelivery,
  { received, broken, told, reference }: Judged,
  secrets: readonly string[],
  nowMs: number,
) {
  const { body: rawBody } = delivery;
  const claim = claimOf(delivery);
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
    event: shown(told?.event),
    used: told === undefined ? null : received.fate === 'taken',
    deliveryId: shown(told?.deliveryId),
    ids: told?.ids ?? [],
    reference: shown(told?.reference),
    namespace: reference?.namespace ?? null,
    workflowId: shown(reference?.workflowId),
    attempt: reference?.attempt ?? null,
  };
}

function takenText(verdict: Verdict): string {
  const { event, used, ids, deliveryId, namespace, workflowId, attempt } = verdict;
  const run =
    workflowId === null
      ? 'no reference of ours: matched by its ids alone (TruedyCallId)'
      : `${workflowId}, attempt ${attempt}, in namespace ${namespace}`;
  return [
    `The bridge takes it (204): ${event}${used ? '' : ', which it does not use'}. ${factsOf(verdict)}.`,
    `  run       ${used ? run : 'none: this event is for other programs'}`,
    `  call ids  ${ids.length === 0 ? 'none' : ids.join(', ')}`,
    `  delivery  ${deliveryId ?? 'no id: known by its bytes'}`,
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
  // Before its age is mended, one wants to know whether that would be all.
  const isForged = secret === null && (rule === 'stale' || rule === 'future');
  const by = secret === null ? [] : [`secret ${secret}`];
  if (isForged) by.push('by no secret of ours, too');
  const age = ageSeconds === null ? [] : [ageText(ageSeconds)];
  return [size, ...by, ...age, `judged as of ${judgedAt}`].join(', ');
}

function ageText(seconds: number): string {
  return seconds < 0
    ? `stamped ${spanText(-seconds * 1000)} ahead`
    : `${spanText(seconds * 1000)} old`;
}
