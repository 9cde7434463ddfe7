import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Setting } from '../../runtime/config';
import { KnownError } from '../../runtime/process';
import { sign } from '../../truedy/signature';
import { WEBHOOK_PATH } from '../../webhook/app';
import {
  failure,
  finding,
  findingAfter,
  ok,
  shared,
  warning,
  type Finding,
  type Seen,
} from './check';
import { EXIT } from '../shared/exit-codes';
import { endsOf, usable } from '../config/settings-view';

const ANSWER_LIMIT_MS = 4_000;
/** Of no type that anybody uses: the bridge verifies it, answers 204 and tells nobody. */
const EVENT = 'doctor.probe';
const NAME = 'TRUEDY_WEBHOOK_SECRETS';
/** How far a delivery may be ahead of the bridge's clock, and behind it. */
const MAX_AHEAD_MS = 60_000;
const MAX_AGE_MS = 300_000;
const FIX = 'npm run bridge';

/** Looks at the bridge from outside, as Truedy does: with a signed delivery of its own. */
export function lookAtBridge(
  settings: readonly Setting[],
  bridge: string | undefined,
): readonly Promise<Finding>[] {
  const secrets = shared(Promise.resolve().then(() => usable(settings, NAME).split(',')));
  const known = [NAME, secrets] as const;
  const ready = shared(
    secrets.then(() => ask(bridge ?? localProbes(settings), '/readyz', { method: 'GET' })),
  );
  return [
    finding('Webhook secrets', () => seenOfSecrets(settings, secrets)),
    findingAfter('Bridge', known, async () => seenOfReadiness(await ready)),
    findingAfter('Signed delivery', ['the bridge', ready], async () =>
      seenOfDelivery(bridge ?? localBridge(settings), await secrets),
    ),
  ];
}

// --- internal ---

interface Answer {
  readonly base: string;
  readonly status: number;
  readonly text: string;
  readonly date: string | null;
}

function localBridge(settings: readonly Setting[]): string {
  return `http://127.0.0.1:${usable(settings, 'WEBHOOK_PORT')}`;
}

/** Where this machine's bridge answers probes: beside the deliveries, unless it has a port for them. */
function localProbes(settings: readonly Setting[]): string {
  const port = usable(settings, 'HEALTH_PORT');
  return port === '' ? localBridge(settings) : `http://127.0.0.1:${port}`;
}

/** An answer of whatever stands there. Nothing is followed: Truedy may not either. */
async function ask(base: string, path: string, init: RequestInit): Promise<Answer> {
  const url = new URL(path, base);
  const answer = await fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  }).catch((error: unknown) => {
    throw away(url.origin, error);
  });
  const text = (await answer.text().catch(() => '')).slice(0, 500);
  return { base, status: answer.status, text, date: answer.headers.get('date') };
}

async function seenOfSecrets(
  settings: readonly Setting[],
  secrets: Promise<readonly string[]>,
): Promise<Seen> {
  const isSet = settings.some(({ name, value }) => name === NAME && value !== undefined);
  if (!isSet) {
    return warning(
      `${NAME} is not set here, so the bridge is not tried`,
      `${NAME}=… npm run doctor`,
    );
  }
  const held = await secrets;
  return ok(`${endsOf(held.join(','))}, newest first`);
}

function away(origin: string, error: unknown): KnownError {
  return new KnownError(
    `TT4001  Nothing answers at ${origin} (${codeIn(error)}).\n` +
      '        npm run bridge\n' +
      '        npm run doctor -- --bridge https://where.it.is   or   --no-bridge',
    EXIT.settings,
    { cause: error },
  );
}

/** Looked at by its fields: an error of Node's core can be of another realm than ours. */
function codeIn(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no connection';
  if ('name' in error && error.name === 'TimeoutError') return 'no answer in time';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeIn(error.cause) : 'no connection';
}

function seenOfReadiness({ base, status, text }: Answer): Seen {
  if (status === 200) return ok(`ready at ${base}`);
  if (status === 503) {
    return failure(`not ready at ${base}: ${reasonsIn(text)}`, 'temporal truedy config show');
  }
  return warning(
    `${base} answers ${status} to /readyz: whether it reaches Temporal is not seen from here`,
    'curl http://its.inner.address:8080/readyz',
  );
}

const readiness = z.object({ because: z.array(z.string()) });

function reasonsIn(text: string): string {
  try {
    return readiness.parse(JSON.parse(text)).because.join(', ');
  } catch {
    return 'it gives no reason';
  }
}

/** Three kinds of delivery: unsigned, signed by a secret nobody has, and by each of ours. */
async function seenOfDelivery(base: string, secrets: readonly string[]): Promise<Seen> {
  const [unsigned, forged, ...signed] = await Promise.all([
    deliver(base),
    deliver(base, randomBytes(24).toString('hex')),
    ...secrets.map((secret) => deliver(base, secret)),
  ]);
  const open = [unsigned, forged].find((one) => one.status < 400);
  if (open !== undefined) {
    return failure(
      `${base} takes what is not signed by us (${open.status}): no bridge of ours`,
      FIX,
    );
  }
  if (unsigned.status !== 401 || forged.status !== 401) {
    const answers = `${unsigned.status} and ${forged.status}`;
    return failure(`${base}${WEBHOOK_PATH} answers ${answers} where a bridge says 401`, FIX);
  }
  const refused = secrets.filter((_, place) => signed[place]?.status !== 204);
  if (refused.length === 0) return ok('signed by each secret: 204. Unsigned, forged: 401');
  const odd = signed.find(({ status }) => status !== 204 && status !== 401);
  if (odd !== undefined) return failure(`signed rightly it is answered ${odd.status}`, FIX);
  const aheadMs = Date.now() - Date.parse(unsigned.date ?? '');
  if (aheadMs > MAX_AHEAD_MS || aheadMs < -MAX_AGE_MS) {
    const apart = `${Math.round(Math.abs(aheadMs) / 1_000)} s`;
    return failure(`refused: the bridge's clock is ${apart} apart`, 'timedatectl set-ntp true');
  }
  return failure(
    `TT4002  Refused (401): the bridge has another secret than ${endsOf(refused.join(','))}`,
    'The same TRUEDY_WEBHOOK_SECRETS here, there and at Truedy; then restart it:',
    FIX,
  );
}

function deliver(base: string, secret?: string): Promise<Answer> {
  const nowMs = Date.now();
  const timestamp = String(Math.floor(nowMs / 1_000));
  const body = JSON.stringify({
    event: EVENT,
    timestamp: new Date(nowMs).toISOString(),
    data: {},
  });
  return ask(base, WEBHOOK_PATH, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret !== undefined && {
        'x-truedy-timestamp': timestamp,
        'x-truedy-signature': sign({ secret, timestamp, rawBody: body }),
      }),
    },
    body,
  });
}
