import type { Setting } from '../../runtime/list-settings';
import { MAX_CLOCK_DIFFERENCE_MS } from '../../call/timing';
import { spanText } from '../../call/text/duration';
import { createTemporalClient } from '../../temporal/client';
import { isOnThisMachine } from '../../temporal/tcp-probe';
import { readSearchAttributes } from '../../temporal/search-attributes';
import { livePollers, readQueue, toMs } from '../../temporal/task-queue';
import { serverSkewMs } from '../../temporal/server-clock';
import { temporalRows } from '../config/show';
import type { CommonFlags } from '../shared/flags';
import { runCheck, runCheckAfter, shared } from './check';
import { failure, ok, skipped, warning, type CheckResult, type Finding } from './finding';
import { checkContacts } from './contacts';
import { checkEncryption } from './encryption';
import { versionProblem, versionsText } from './versions';
import { requireSetting } from '../config/settings-view';
import { commandsFor, namesOf, wrongTypes, register } from '../config/search-attributes';
import { reach } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { toKnownError } from '../shared/temporal-errors';

const CHECK_LIMIT_MS = 3_000;
const DAY_MS = 86_400_000;

/** Checks the server, the namespace and its workers. `closed` resolves once the connection is closed. */
export function checkTemporal(
  env: NodeJS.ProcessEnv,
  settings: readonly Setting[],
  flags: CommonFlags & { readonly fix?: boolean },
): { readonly findings: readonly Promise<Finding>[]; readonly closed: Promise<unknown> } {
  const reached = shared(connect(env, flags));
  const server = ['Temporal', shared(reached.then(({ temporal }) => temporal))] as const;
  const namespace = shared(reached.then(({ temporal }) => describe(temporal)));
  const inNamespace = ['the namespace', shared(namespace.then(() => server[1]))] as const;
  const skew = shared(
    inNamespace[1].then((temporal) =>
      withDeadline(temporal, () => serverSkewMs(temporal.connection, temporal.namespace)),
    ),
  );
  const pollers = (name: string, kind: 'workflow' | 'activity') =>
    inNamespace[1].then(async (temporal) => {
      const queue = requireSetting(settings, name);
      return { queue, temporal, ...(await polled(temporal, queue, kind, skew)) };
    });
  const workflows = shared(pollers('TRUEDY_TASK_QUEUE', 'workflow'));
  const requests = shared(pollers('TRUEDY_API_TASK_QUEUE', 'activity'));
  const both = shared(Promise.all([workflows, requests]));
  const findings = [
    runCheck('Temporal', async () => {
      const { temporal, version } = await reached;
      const source = temporalRows(env, flags).find(({ name }) => name === 'TEMPORAL_ADDRESS');
      return ok(`${temporal.address}, Server ${version} (address: ${source?.source})`);
    }),
    runCheckAfter('Namespace', server, async () => checkNamespace(await namespace)),
    runCheckAfter('Search attributes', inNamespace, (temporal) =>
      withDeadline(temporal, () => checkAttributes(temporal, flags.fix ?? false)),
    ),
    runCheckAfter('Encryption', inNamespace, (temporal) =>
      withDeadline(temporal, () =>
        checkEncryption(env, temporal, requireSetting(settings, 'TRUEDY_TASK_QUEUE')),
      ),
    ),
    runCheckAfter('Workers', inNamespace, async () => checkWorkers(await workflows)),
    runCheckAfter('Request workers', inNamespace, async () => checkWorkers(await requests)),
    runCheckAfter('Request rate', ['a request worker', requests.then(onlyLive)], (found) =>
      checkRate(found, Number(requireSetting(settings, 'TRUEDY_REQUESTS_PER_MINUTE'))),
    ),
    runCheckAfter('Contact limits', ['the workers', both], (queues) =>
      checkContacts(
        settings,
        queues.flatMap(({ live }) => live.map(({ identity }) => identity)),
      ),
    ),
    runCheckAfter('Clock: Temporal', inNamespace, async () => checkSkew(await skew)),
  ];
  const closed = Promise.all(findings).finally(() =>
    reached.then(({ temporal }) => temporal.connection.close()).catch(() => undefined),
  );
  return { findings, closed };
}

// --- internal ---

async function connect(env: NodeJS.ProcessEnv, flags: CommonFlags) {
  const temporal = createTemporalClient(env);
  try {
    const { serverVersion } = await reach(temporal, flags.clientConnectTimeout);
    return { temporal, version: serverVersion };
  } catch (error) {
    await temporal.connection.close();
    throw error;
  }
}

/** Runs one check within its time limit. Its errors say what to do. */
async function withDeadline<T>(temporal: Temporal, look: () => Promise<T>): Promise<T> {
  try {
    return await temporal.connection.withDeadline(Date.now() + CHECK_LIMIT_MS, look);
  } catch (error) {
    throw toKnownError(error, temporal);
  }
}

async function describe(temporal: Temporal) {
  const { connection, namespace } = temporal;
  const { config } = await withDeadline(temporal, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
  const retention = config?.workflowExecutionRetentionTtl;
  return { namespace, keptMs: retention ? toMs(retention) : undefined };
}

function checkNamespace({ namespace, keptMs }: Awaited<ReturnType<typeof describe>>): CheckResult {
  if (keptMs === undefined) return ok(`${namespace}; its retention is unknown`);
  const text = `${namespace} keeps a closed call for ${spanText(keptMs)}`;
  if (keptMs >= DAY_MS) return ok(text);
  return warning(
    `${text}; after that, the same key starts a new call`,
    `temporal operator namespace update -n ${namespace} --retention 30d`,
  );
}

async function checkAttributes(temporal: Temporal, fix: boolean): Promise<CheckResult> {
  const { connection, namespace, address } = temporal;
  const known = await readSearchAttributes(connection, namespace);
  const { problems, commands } = wrongTypes(temporal, known);
  const missing = namesOf(known, 'missing');
  if (problems.length > 0) {
    return failure(problems.join(' · '), ...commands, 'temporal truedy setup --apply');
  }
  if (missing.length === 0) return ok('all six exist with the right types');
  if (!fix || !isOnThisMachine(address)) {
    const text = missing.length === 6 ? 'None of the six exists' : `Missing: ${missing.join(', ')}`;
    return failure(
      `TT1010  ${text}. Calls still work, but lists cannot be filtered.`,
      'temporal truedy setup --apply',
      'Then restart the workers: they check only at their start',
    );
  }
  await register(temporal, missing, commandsFor(temporal, known));
  return ok(`added ${missing.join(', ')}`);
}

/** The workers that polled a queue recently, and when one last did. */
async function polled(
  temporal: Temporal,
  name: string,
  kind: 'workflow' | 'activity',
  skew: Promise<number | undefined>,
) {
  const skewMs = (await skew.catch(() => undefined)) ?? 0;
  const { connection, namespace } = temporal;
  const { pollers, ...rest } = await withDeadline(temporal, () =>
    readQueue(connection, namespace, name, kind),
  );
  return { ...livePollers(pollers, Date.now() + skewMs), ...rest };
}
type Polled = Awaited<ReturnType<typeof polled>> & {
  readonly queue: string;
  readonly temporal: Temporal;
};

function checkWorkers(found: Polled): CheckResult {
  const { queue, temporal, live, lastAgoMs } = found;
  if (live.length > 0) {
    const problem = versionProblem(found);
    if (problem !== undefined) return problem;
    const count = live.length === 1 ? '1 worker' : `${live.length} workers`;
    const names = live.slice(0, 3).map(({ identity }) => identity);
    return ok(`${count} on ${queue}: ${names.join(', ')}${versionsText(found)}`);
  }
  const last = Number.isFinite(lastAgoMs) ? `${spanText(lastAgoMs)} ago` : 'never';
  return failure(
    `TT6001  No worker polls task queue "${queue}" in "${temporal.namespace}" (last seen: ${last}).` +
      ' Calls are stored and start once a worker polls.',
    'npm run worker',
  );
}

function onlyLive(found: Polled): Polled {
  if (found.live.length === 0) throw new Error('no worker');
  return found;
}

/** The server applies the rate of the last poll, so all workers must send the same. */
function checkRate({ queue, live, perSecond }: Polled, perMinute: number): CheckResult {
  const rates = [...live.map((one) => one.perSecond), perSecond];
  const distinct = [...new Set(rates.map((rate) => Math.round((rate ?? perMinute / 60) * 60)))];
  if (distinct.every((rate) => rate === Math.round(perMinute))) {
    return ok(`${perMinute} a minute, enforced on ${queue} by the server`);
  }
  return warning(
    `the workers on ${queue} ask for ${distinct.join(' and ')} a minute, but TRUEDY_REQUESTS_PER_MINUTE ` +
      `here is ${perMinute}; it must be the same for every worker`,
    'temporal truedy config show',
  );
}

function checkSkew(skewMs: number | undefined): CheckResult {
  if (skewMs === undefined) return skipped('not checked: the server does not report its time');
  const off = `${(Math.abs(skewMs) / 1_000).toFixed(1)} s off this machine's clock`;
  if (Math.abs(skewMs) <= MAX_CLOCK_DIFFERENCE_MS) return ok(off);
  return warning(
    `${off}; a worker over ${MAX_CLOCK_DIFFERENCE_MS / 1_000} s off may place no calls`,
    'timedatectl set-ntp true',
  );
}
