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
import {
  failure,
  finding,
  findingAfter,
  ok,
  shared,
  skipped,
  warning,
  type Finding,
  type Seen,
} from './check';
import { endsOf } from '../config/settings-view';

const READ_LIMIT_MS = 5_000;
const MAX_SKEW_MS = 60_000;
const PAGE = 100;
const MOST_AGENTS = 1_000;
const AGENT_LIMIT_MS = 3_000;
/** No key of the vendor's form, and no id of a call that there can be. */
const WRONG_KEY = 'doctor-asks-with-a-wrong-key';
const NO_CALL = 'call_doctor_asks_for_none';
const FOLLOWS = 'docs/doctor.md says what follows from it';

/** Looks at the account by reading alone: nothing that rings is ever sent. */
export function lookAtTruedy(
  env: NodeJS.ProcessEnv,
  agentId: string | undefined,
): readonly Promise<Finding>[] {
  const answers: (AnswerHead & { readonly atMs: number })[] = [];
  const options = shared(
    Promise.resolve().then(() => ({
      ...accessOf(env),
      readLimitMs: READ_LIMIT_MS,
      onHead: (answer: AnswerHead) => answers.push({ ...answer, atMs: Date.now() }),
    })),
  );
  const first = shared(
    options.then((to) => createTruedyClient(to).listCalls({ limit: 1, offset: 0 })),
  );
  const whenAnswered = first.then(
    () => undefined,
    () => undefined,
  );
  const answered = shared(
    whenAnswered.then(() => answers[0] ?? Promise.reject(new Error('no answer'))),
  );
  const truedy = ['an answer of Truedy', answered] as const;
  const account = ['a good key', shared(first.then(() => options))] as const;
  return [
    finding('Truedy key', async () => seenOfKey(await options, first)),
    findingAfter('Truedy agent', account, (to) => seenOfAgent(to, agentId)),
    findingAfter('Truedy listing', account, (to) => seenOfListing(to)),
    findingAfter('Truedy errors', truedy, async () => seenOfErrors(await options)),
    findingAfter('Truedy contract', account, (to) => seenOfContract(to)),
    findingAfter('Clock: Truedy', truedy, seenOfClock),
  ];
}

// --- internal ---

/** Key and address alone: what else may be wrong with a worker's settings is no reason not to look. */
function accessOf(env: NodeJS.ProcessEnv) {
  const names = ['TRUEDY_API_KEY', 'TRUEDY_BASE_URL', 'TRUEDY_ALLOW_HTTP', ...PROXY_SETTINGS];
  const { apiKey, baseUrl, proxy } = readWorkerConfig(
    Object.fromEntries(names.map((name) => [name, env[name]])),
  );
  return { apiKey, baseUrl, proxy };
}

async function seenOfKey(
  { apiKey, baseUrl }: ReadOptions,
  first: Promise<readonly TruedyCall[]>,
): Promise<Seen> {
  const { host } = new URL(baseUrl);
  try {
    await first;
    return ok(`the key ${endsOf(apiKey)} is good at ${host}`);
  } catch (error) {
    if (!(error instanceof TruedyError)) throw error;
    return keyFault(error, host, endsOf(apiKey));
  }
}

function keyFault(error: TruedyError, host: string, key: string): Seen {
  if (error instanceof TruedyNetworkError) {
    const start = isOnThisMachine(host) ? ['npm run simulator'] : [];
    return failure(`${host}: ${error.message}`, 'temporal truedy config show', ...start);
  }
  if (!(error instanceof TruedyResponseError)) {
    return failure(`${host} is no Truedy: ${error.message}`, 'temporal truedy config show');
  }
  const told = `${host}: ${error.message}`;
  switch (error.status) {
    case 401:
      return failure(
        `${told}. The key ${key} is none there`,
        'Make one in the Truedy dashboard: Settings → API Keys',
        'temporal truedy config show',
      );
    case 402:
      return failure(`${told}. No call can be placed`, 'Buy credits in the Truedy dashboard');
    case 403:
      return failure(
        `${told}. The key is not for this machine's address`,
        'Truedy dashboard: Settings → API Keys → allowed addresses',
      );
    case 404:
      return failure(`${told}. TRUEDY_BASE_URL names another path`, 'temporal truedy config show');
    case 429:
      return warning(`${told}. The account is over its rate now`, 'temporal truedy doctor');
    default:
      return failure(`${told}. Truedy is out of order`, 'temporal truedy doctor');
  }
}

async function seenOfAgent(to: ReadOptions, agentId: string | undefined): Promise<Seen> {
  if (agentId === undefined) {
    return warning('not looked at', 'npm run doctor -- --agent YourAgentId');
  }
  const { agent, among, isWhole } = await findAgent(to, agentId);
  if (agent === undefined && !isWhole) {
    return warning(
      `${agentId} is not among the first ${among} agents, and there are more`,
      FOLLOWS,
    );
  }
  if (agent === undefined) {
    return failure(
      `agent_not_found: ${agentId} is none of the account's ${among} agents`,
      'Truedy dashboard: Agents shows the ids',
    );
  }
  if (agent.status?.toLowerCase() !== 'active') {
    return failure(
      `agent_not_active: ${agentId} is ${agent.status ?? 'of no known status'}`,
      'Publish it in the Truedy dashboard: Agents',
    );
  }
  const numbers = agent.outboundNumbers;
  if (numbers === null) return warning(`${agentId} is active; its numbers are not told`, FOLLOWS);
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
    if (agent !== undefined || isWhole || Date.now() > endMs || among >= MOST_AGENTS) {
      return { agent, among, isWhole };
    }
  }
}

/** What settling a lost answer relies on: the order, our reference, the number and the time of each row. */
async function seenOfListing(to: ReadOptions): Promise<Seen> {
  const rows = await createTruedyClient(to).listCalls({ limit: PAGE, offset: 0 });
  if (rows.length === 0) return ok('no call yet, so order and echo are not seen');
  const drift = driftOfRows(rows);
  const count = rows.length === 1 ? '1 row' : `${rows.length} rows`;
  if (drift.length > 0) return warning(`${count}: ${drift.join(' · ')}`, FOLLOWS);
  return ok(`${count}: newest first, with our reference, number and time`);
}

function driftOfRows(rows: readonly TruedyCall[]): readonly string[] {
  const times = rows.map(({ record }) => Date.parse(record.created_at ?? ''));
  const isFalling = times.every((ms, row) => row === 0 || !(ms > (times[row - 1] ?? ms)));
  const lacks = (what: (row: TruedyCall) => unknown) =>
    rows.filter((row) => what(row) === null).length;
  const faults: [boolean, string][] = [
    [rows.length > PAGE, `more than the ${PAGE} asked for`],
    [!isFalling, 'not newest first'],
    [rows.every(({ reference }) => reference === null), 'none echoes variables.temporal_ref'],
    [lacks(({ phoneNumber }) => phoneNumber) > 0, 'a number is missing'],
    [lacks(({ record }) => record.created_at) > 0, 'a time is missing'],
    [lacks(({ record }) => record.status) > 0, 'a status is no word we know'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, words]) => words);
}

/** Two errors that are safe to provoke have to come as documented, or ours would be told wrongly. */
async function seenOfErrors(to: ReadOptions): Promise<Seen> {
  const wrong = createTruedyClient({ ...to, apiKey: WRONG_KEY });
  const [unauthorized, missing] = await Promise.all([
    errorOf(wrong.listCalls({ limit: 1, offset: 0 })),
    errorOf(createTruedyClient(to).readCall(NO_CALL)),
  ]);
  // Behind a refused key no call is looked for.
  const isRefused = missing.startsWith('401');
  const drift = [
    ...(/^401 \S/.test(unauthorized) ? [] : [`a wrong key: ${unauthorized}`]),
    ...(isRefused || /^404 \S/.test(missing) ? [] : [`an unknown call: ${missing}`]),
  ];
  if (drift.length > 0) return warning(`${drift.join(' · ')}, not as documented`, FOLLOWS);
  return ok(`a wrong key is ${unauthorized}${isRefused ? '' : `, an unknown call ${missing}`}`);
}

async function errorOf(read: Promise<unknown>): Promise<string> {
  try {
    await read;
    return 'is taken';
  } catch (error) {
    if (error instanceof TruedyResponseError) return `${error.status} ${error.code ?? ''}`.trim();
    if (error instanceof TruedyError) return error.message;
    throw error;
  }
}

async function seenOfContract(to: ReadOptions): Promise<Seen> {
  try {
    const drift = driftOf(await createTruedyAccount(to).readDescription());
    if (drift.length > 0) return warning(`openapi.json: ${drift.join(' · ')}`, FOLLOWS);
    return ok('openapi.json agrees with what we send and read');
  } catch (error) {
    if (!(error instanceof TruedyError)) throw error;
    return warning(`openapi.json could not be compared: ${error.message}`, FOLLOWS);
  }
}

function seenOfClock({ date, atMs }: AnswerHead & { readonly atMs: number }): Seen {
  const toldMs = Date.parse(date ?? '');
  if (Number.isNaN(toldMs)) return skipped('not seen: Truedy does not tell its time');
  // The header drops the part of a second.
  const skewMs = Math.abs(toldMs + 500 - atMs);
  const apart = `${Math.round(skewMs / 1_000)} s apart from this machine`;
  if (skewMs <= MAX_SKEW_MS) return ok(apart);
  return failure(`${apart}: signed deliveries look stale`, 'timedatectl set-ntp true');
}
