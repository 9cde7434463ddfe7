import { readWorkerConfig } from '../../runtime/config';
import { PROXY_SETTINGS } from '../../runtime/proxy';
import { maskNumber } from '../../call/text/masking';
import { isOnThisMachine } from '../../temporal/tcp-probe';
import { createTruedyAccount, type TruedyAgent } from '../../truedy/account';
import { createTruedyClient } from '../../truedy/client';
import type { TruedyCall } from '../../truedy/truedy-call';
import { driftOf } from '../../truedy/openapi-drift';
import { TruedyError, TruedyNetworkError, TruedyResponseError } from '../../truedy/errors';
import type { AnswerHead } from '../../truedy/http';
import type { ReadOptions } from '../../truedy/get-json';
import { runCheck, runCheckAfter, shared } from './check';
import { failure, ok, skipped, warning, type CheckResult, type Finding } from './finding';
import { lastCharacters } from '../config/settings-view';

const READ_LIMIT_MS = 5_000;
const MAX_SKEW_MS = 60_000;
const PAGE = 100;
const MAX_AGENTS = 1_000;
const AGENT_LIMIT_MS = 3_000;
/** A key and a call id that cannot exist. */
const WRONG_KEY = 'doctor-asks-with-a-wrong-key';
const NO_CALL = 'call_doctor_asks_for_none';
const SEE_DOCS = 'docs/doctor.md explains the consequences';

/** Checks the account with reads alone: it never requests a call. */
export function checkTruedy(
  env: NodeJS.ProcessEnv,
  agentId: string | undefined,
): readonly Promise<Finding>[] {
  const responses: (AnswerHead & { readonly atMs: number })[] = [];
  const options = shared(
    Promise.resolve().then(() => ({
      ...accessOf(env),
      readLimitMs: READ_LIMIT_MS,
      onHead: (head: AnswerHead) => responses.push({ ...head, atMs: Date.now() }),
    })),
  );
  const first = shared(
    options.then((to) => createTruedyClient(to).listCalls({ limit: 1, offset: 0 })),
  );
  const answered = shared(
    first
      .catch(() => undefined)
      .then(() => responses[0] ?? Promise.reject(new Error('no response'))),
  );
  const truedy = ['a response from Truedy', answered] as const;
  const account = ['a valid key', shared(first.then(() => options))] as const;
  return [
    runCheck('Truedy key', async () => checkKey(await options, first)),
    runCheckAfter('Truedy agent', account, (to) => checkAgent(to, agentId)),
    runCheckAfter('Truedy listing', account, (to) => checkListing(to)),
    runCheckAfter('Truedy errors', truedy, async () => checkErrors(await options)),
    runCheckAfter('Truedy contract', account, (to) => checkContract(to)),
    runCheckAfter('Clock: Truedy', truedy, checkClock),
  ];
}

// --- internal ---

/** Key, address and proxy alone, so that this check runs even if other settings are invalid. */
function accessOf(env: NodeJS.ProcessEnv) {
  const names = ['TRUEDY_API_KEY', 'TRUEDY_BASE_URL', 'TRUEDY_ALLOW_HTTP', ...PROXY_SETTINGS];
  const { apiKey, baseUrl, proxy } = readWorkerConfig(
    Object.fromEntries(names.map((name) => [name, env[name]])),
  );
  return { apiKey, baseUrl, proxy };
}

async function checkKey(
  { apiKey, baseUrl }: ReadOptions,
  first: Promise<readonly TruedyCall[]>,
): Promise<CheckResult> {
  const { host } = new URL(baseUrl);
  try {
    await first;
    return ok(`the key ${lastCharacters(apiKey)} is valid at ${host}`);
  } catch (error) {
    if (!(error instanceof TruedyError)) throw error;
    return keyProblem(error, host, lastCharacters(apiKey));
  }
}

function keyProblem(error: TruedyError, host: string, key: string): CheckResult {
  if (error instanceof TruedyNetworkError) {
    const start = isOnThisMachine(host) ? ['npm run simulator'] : [];
    return failure(`${host}: ${error.message}`, 'temporal truedy config show', ...start);
  }
  if (!(error instanceof TruedyResponseError)) {
    return failure(`${host} is not Truedy: ${error.message}`, 'temporal truedy config show');
  }
  const [cause, ...fix] = STATUSES[error.status] ?? OTHER_STATUS;
  const problem = `${host}: ${error.message}. ${cause.replace('KEY', () => key)}`;
  return (error.status === 429 ? warning : failure)(problem, ...fix);
}

/** What each status of the first request means, and how to fix it. `KEY` is the end of the key. */
const STATUSES: Readonly<Record<number, readonly [cause: string, ...fix: string[]]>> = {
  401: [
    'The key KEY is not valid there',
    'Create a key in the Truedy dashboard: Settings → API Keys',
    'temporal truedy config show',
  ],
  402: ['No call can be placed', 'Buy credits in the Truedy dashboard'],
  403: [
    "The key does not allow this machine's address",
    'Allow it in the Truedy dashboard: Settings → API Keys',
  ],
  404: ['The path of TRUEDY_BASE_URL is wrong', 'temporal truedy config show'],
  429: ['The account exceeds its rate limit now', 'temporal truedy doctor'],
};
const OTHER_STATUS = ['Truedy fails; try again later', 'temporal truedy doctor'] as const;

async function checkAgent(to: ReadOptions, agentId: string | undefined): Promise<CheckResult> {
  if (agentId === undefined) {
    return warning('not checked', 'npm run doctor -- --agent YourAgentId');
  }
  const { agent, among, isWhole } = await findAgent(to, agentId);
  if (agent === undefined && !isWhole) {
    return warning(
      `${agentId} is not among the first ${among} agents, and there are more`,
      SEE_DOCS,
    );
  }
  if (agent === undefined) {
    return failure(
      `agent_not_found: ${agentId} is not among the account's ${among} agents`,
      'Copy its id from the Truedy dashboard: Agents',
    );
  }
  if (agent.status?.toLowerCase() !== 'active') {
    return failure(
      `agent_not_active: the status of ${agentId} is ${agent.status ?? 'unknown'}`,
      'Publish it in the Truedy dashboard: Agents',
    );
  }
  const numbers = agent.outboundNumbers;
  if (numbers === null)
    return warning(`${agentId} is active, but Truedy does not list its numbers`, SEE_DOCS);
  if (numbers.length === 0) {
    return failure(
      `no_phone_number_configured: ${agentId} has no outbound number`,
      'Assign one in the Truedy dashboard: Phone Numbers',
    );
  }
  return ok(`${agentId} is active and calls from ${numbers.map(maskNumber).join(', ')}`);
}

async function findAgent(to: ReadOptions, agentId: string) {
  const account = createTruedyAccount(to);
  const endMs = Date.now() + AGENT_LIMIT_MS;
  for (let among = 0; ;) {
    const agents: readonly TruedyAgent[] = await account.listAgents({ limit: PAGE, offset: among });
    among += agents.length;
    const agent = agents.find(({ id }) => id === agentId);
    const isWhole = agents.length === 0;
    if (agent !== undefined || isWhole || Date.now() > endMs || among >= MAX_AGENTS) {
      return { agent, among, isWhole };
    }
  }
}

/** Checks what recovery from a lost response relies on: order, reference, number and time of each row. */
async function checkListing(to: ReadOptions): Promise<CheckResult> {
  const rows = await createTruedyClient(to).listCalls({ limit: PAGE, offset: 0 });
  if (rows.length === 0) return ok('no calls yet, so the rows are not checked');
  const drift = driftOfRows(rows);
  const count = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  if (drift.length > 0) return warning(`${count}: ${drift.join(' · ')}`, SEE_DOCS);
  return ok(`${count}: newest first, with our reference, number and time`);
}

function driftOfRows(rows: readonly TruedyCall[]): readonly string[] {
  const times = rows.map(({ record }) => Date.parse(record.created_at ?? ''));
  const isFalling = times.every((ms, row) => row === 0 || !(ms > (times[row - 1] ?? ms)));
  const isMissing = (field: (row: TruedyCall) => unknown) =>
    rows.some((row) => field(row) === null);
  const problems: [boolean, string][] = [
    [rows.length > PAGE, `more than the ${PAGE} requested`],
    [!isFalling, 'not newest first'],
    [rows.every(({ reference }) => reference === null), 'no row contains variables.temporal_ref'],
    [isMissing(({ phoneNumber }) => phoneNumber), 'a number is missing'],
    [isMissing(({ record }) => record.created_at), 'a time is missing'],
    [isMissing(({ record }) => record.status), 'a status is unknown'],
  ];
  return problems.filter(([isFound]) => isFound).map(([, text]) => text);
}

/** Provokes two harmless errors: others would be misreported too if these are not as documented. */
async function checkErrors(to: ReadOptions): Promise<CheckResult> {
  const wrong = createTruedyClient({ ...to, apiKey: WRONG_KEY });
  const [unauthorized, missing] = await Promise.all([
    errorOf(wrong.listCalls({ limit: 1, offset: 0 })),
    errorOf(createTruedyClient(to).readCall(NO_CALL)),
  ]);
  // With a refused key, Truedy does not look for the call.
  const isRefused = missing.startsWith('401');
  const drift = [
    ...(/^401 \S/.test(unauthorized) ? [] : [`a wrong key returns ${unauthorized}`]),
    ...(isRefused || /^404 \S/.test(missing) ? [] : [`an unknown call returns ${missing}`]),
  ];
  if (drift.length > 0) return warning(`${drift.join(' · ')}, unlike the documentation`, SEE_DOCS);
  return ok(
    `a wrong key returns ${unauthorized}${isRefused ? '' : `, an unknown call ${missing}`}`,
  );
}

async function errorOf(read: Promise<unknown>): Promise<string> {
  try {
    await read;
    return 'a success';
  } catch (error) {
    if (error instanceof TruedyResponseError) return `${error.status} ${error.code ?? ''}`.trim();
    if (error instanceof TruedyError) return error.message;
    throw error;
  }
}

async function checkContract(to: ReadOptions): Promise<CheckResult> {
  try {
    const drift = driftOf(await createTruedyAccount(to).readDescription());
    if (drift.length > 0) return warning(`openapi.json: ${drift.join(' · ')}`, SEE_DOCS);
    return ok('openapi.json matches what we send and read');
  } catch (error) {
    if (!(error instanceof TruedyError)) throw error;
    return warning(`openapi.json could not be compared: ${error.message}`, SEE_DOCS);
  }
}

function checkClock({ date, atMs }: AnswerHead & { readonly atMs: number }): CheckResult {
  const dateMs = Date.parse(date ?? '');
  if (Number.isNaN(dateMs)) return skipped('not checked: Truedy does not report its time');
  // The header has whole seconds.
  const skewMs = Math.abs(dateMs + 500 - atMs);
  const off = `${Math.round(skewMs / 1_000)} s off this machine's clock`;
  if (skewMs <= MAX_SKEW_MS) return ok(off);
  return failure(`${off}; signed deliveries look stale`, 'timedatectl set-ntp true');
}
