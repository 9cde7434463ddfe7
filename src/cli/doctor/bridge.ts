import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Setting } from '../../runtime/list-settings';
import { KnownError } from '../../runtime/process';
import { sign } from '../../truedy/signature';
import { WEBHOOK_PATH } from '../../webhook/app';
import { runCheck, runCheckAfter, shared } from './check';
import { failure, ok, warning, type CheckResult, type Finding } from './finding';
import { EXIT } from '../shared/exit-codes';
import { lastCharacters, requireSetting } from '../config/settings-view';

const ANSWER_LIMIT_MS = 4_000;
/** An event that no run uses: the bridge verifies it, returns 204 and signals nothing. */
const EVENT = 'doctor.probe';
const NAME = 'TRUEDY_WEBHOOK_SECRETS';
/** How far a delivery may be ahead of the bridge's clock, and behind it. */
const MAX_AHEAD_MS = 60_000;
const MAX_AGE_MS = 300_000;
const FIX = 'npm run bridge';

/** Checks the bridge from outside with signed deliveries, as Truedy sends them. */
export function checkBridge(
  settings: readonly Setting[],
  bridge: string | undefined,
): readonly Promise<Finding>[] {
  const secrets = shared(Promise.resolve().then(() => requireSetting(settings, NAME).split(',')));
  const known = [NAME, secrets] as const;
  const ready = shared(
    secrets.then(() => ask(bridge ?? localProbes(settings), '/readyz', { method: 'GET' })),
  );
  return [
    runCheck('Webhook secrets', () => checkSecrets(settings, secrets)),
    runCheckAfter('Bridge', known, async () => checkReadiness(await ready)),
    runCheckAfter('Signed delivery', ['the bridge', ready], async () =>
      checkDelivery(bridge ?? localBridge(settings), await secrets),
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
  return `http://127.0.0.1:${requireSetting(settings, 'WEBHOOK_PORT')}`;
}

/** Where this machine's bridge answers probes: the webhook port, unless `HEALTH_PORT` is set. */
function localProbes(settings: readonly Setting[]): string {
  const port = requireSetting(settings, 'HEALTH_PORT');
  return port === '' ? localBridge(settings) : `http://127.0.0.1:${port}`;
}

/** Sends one request, without following redirects: Truedy may not follow them either. */
async function ask(base: string, path: string, init: RequestInit): Promise<Answer> {
  const url = new URL(path, base);
  const response = await fetch(url, {
    ...init,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  }).catch((error: unknown) => {
    throw noResponse(url.origin, error);
  });
  const text = (await response.text().catch(() => '')).slice(0, 500);
  return { base, status: response.status, text, date: response.headers.get('date') };
}

async function checkSecrets(
  settings: readonly Setting[],
  secrets: Promise<readonly string[]>,
): Promise<CheckResult> {
  const isSet = settings.some(({ name, value }) => name === NAME && value !== undefined);
  if (!isSet) {
    return warning(
      `${NAME} is not set here, so the bridge is not checked`,
      `${NAME}=… npm run doctor`,
    );
  }
  return ok(`${lastCharacters((await secrets).join(','))}, newest first`);
}

function noResponse(origin: string, error: unknown): KnownError {
  return new KnownError(
    `TT4001  No response from ${origin} (${codeIn(error)}).\n` +
      '        npm run bridge\n' +
      '        On another host:  npm run doctor -- --bridge https://hooks.example.com\n' +
      '        Without webhooks: npm run doctor -- --no-bridge',
    EXIT.settings,
    { cause: error },
  );
}

/** Reads the fields without `instanceof`: an error of Node's core can come from another realm. */
function codeIn(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no connection';
  if ('name' in error && error.name === 'TimeoutError') return 'timed out';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeIn(error.cause) : 'no connection';
}

function checkReadiness({ base, status, text }: Answer): CheckResult {
  if (status === 200) return ok(`ready at ${base}`);
  if (status === 503) {
    return failure(
      `the bridge at ${base} is not ready: ${reasonsIn(text)}`,
      'temporal truedy config show',
    );
  }
  return warning(
    `${base} returned ${status} for /readyz, so its connection to Temporal is not checked`,
    'curl http://INTERNAL_ADDRESS:8080/readyz',
  );
}

const readiness = z.object({ because: z.array(z.string()) });

function reasonsIn(text: string): string {
  try {
    return readiness.parse(JSON.parse(text)).because.join(', ');
  } catch {
    return 'no reason given';
  }
}

/** Sends three kinds of deliveries: unsigned, with an invalid signature, and signed with each of our secrets. */
async function checkDelivery(base: string, secrets: readonly string[]): Promise<CheckResult> {
  const [unsigned, forged, ...signed] = await Promise.all([
    deliver(base),
    deliver(base, randomBytes(24).toString('hex')),
    ...secrets.map((secret) => deliver(base, secret)),
  ]);
  const open = [unsigned, forged].find((one) => one.status < 400);
  if (open !== undefined) {
    return failure(
      `${base} accepts deliveries without a valid signature (${open.status}), so it is not our bridge`,
      FIX,
    );
  }
  if (unsigned.status !== 401 || forged.status !== 401) {
    const statuses = `${unsigned.status} and ${forged.status}`;
    return failure(
      `${base}${WEBHOOK_PATH} returned ${statuses} for invalid signatures; the bridge returns 401`,
      FIX,
    );
  }
  const refused = secrets.filter((_, place) => signed[place]?.status !== 204);
  if (refused.length === 0)
    return ok('each secret is accepted (204); unsigned and forged are refused (401)');
  const odd = signed.find(({ status }) => status !== 204 && status !== 401);
  if (odd !== undefined)
    return failure(`a correctly signed delivery returned ${odd.status} instead of 204`, FIX);
  const aheadMs = Date.now() - Date.parse(unsigned.date ?? '');
  if (aheadMs > MAX_AHEAD_MS || aheadMs < -MAX_AGE_MS) {
    const apart = `${Math.round(Math.abs(aheadMs) / 1_000)} s`;
    return failure(
      `refused: the bridge's clock differs from ours by ${apart}`,
      'timedatectl set-ntp true',
    );
  }
  return failure(
    `TT4002  Refused (401): the bridge does not have the secret ${lastCharacters(refused.join(','))}`,
    'Set the same TRUEDY_WEBHOOK_SECRETS here, there and at Truedy, then restart:',
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
