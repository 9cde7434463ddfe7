import type { Setting } from '../../runtime/config';
import { MAX_CLOCK_DIFFERENCE_MS } from '../../call/timing';
import { spanText } from '../../call/text/masking';
import { createTemporalClient } from '../../temporal/client';
import { isOnThisMachine } from '../../temporal/tcp-probe';
import { readSearchAttributes } from '../../temporal/search-attributes';
import { livePollers, readQueue, toMs } from '../../temporal/task-queue';
import { serverSkewMs } from '../../temporal/server-clock';
import { temporalRows } from '../config/show';
import type { CommonFlags } from '../shared/flags';
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
import { usable } from '../config/settings-view';
import { commandsFor, namesOf, otherTypes, register } from '../config/search-attributes';
import { reach } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { toKnownError } from '../shared/temporal-errors';

const CHECK_LIMIT_MS = 3_000;
const DAY_MS = 86_400_000;

/** Looks at the server, the namespace and who works there. Resolves once the connection is closed. */
export function lookAtTemporal(
  env: NodeJS.ProcessEnv,
  settings: readonly Setting[],
  flags: CommonFlags & { readonly fix?: boolean },
): { readonly findings: readonly Promise<Finding>[]; readonly closed: Promise<unknown> } {
  const reached = shared(connect(env, flags));
  const server = ['Temporal', shared(reached.then(({ temporal }) => temporal))] as const;
  const namespace = shared(reached.then(({ temporal }) => describe(temporal)));
  const inNamespace = ['the namespace', shared(namespace.then(() => server[1]))] as const;
  const skew = shared(inNamespace[1].then((temporal) => within(temporal, () => skewOf(temporal))));
  const pollers = (name: string, kind: 'workflow' | 'activity') =>
    inNamespace[1].then(async (temporal) => {
      const queue = usable(settings, name);
      return { queue, temporal, ...(await polled(temporal, queue, kind, skew)) };
    });
  const workflows = shared(pollers('TRUEDY_TASK_QUEUE', 'workflow'));
  const requests = shared(pollers('TRUEDY_API_TASK_QUEUE', 'activity'));
  const findings = [
    finding('Temporal', async () => {
      const { temporal, version } = await reached;
      const source = temporalRows(env, flags).find(({ name }) => name === 'TEMPORAL_ADDRESS');
      return ok(`${temporal.address}, Server ${version} (address: ${source?.source})`);
    }),
    findingAfter('Namespace', server, async () => seenOfNamespace(await namespace)),
    findingAfter('Search attributes', inNamespace, (temporal) =>
      within(temporal, () => seenOfAttributes(temporal, flags.fix ?? false)),
    ),
    findingAfter('Workers', inNamespace, async () => seenOfWorkers(await workflows)),
    findingAfter('Request workers', inNamespace, async () => seenOfWorkers(await requests)),
    findingAfter('Request rate', ['a worker of requests', requests.then(onlyLive)], (found) =>
      seenOfRate(found, Number(usable(settings, 'TRUEDY_REQUESTS_PER_MINUTE'))),
    ),
    findingAfter('Clock: Temporal', inNamespace, async () => seenOfSkew(await skew)),
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

/** One check, within its limit, and with an error that says what to do. */
async function within<T>(temporal: Temporal, look: () => Promise<T>): Promise<T> {
  try {
    return await temporal.connection.withDeadline(Date.now() + CHECK_LIMIT_MS, look);
  } catch (error) {
    throw toKnownError(error, temporal);
  }
}

async function describe(temporal: Temporal) {
  const { connection, namespace } = temporal;
  const { config } = await within(temporal, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
  const kept = config?.workflowExecutionRetentionTtl;
  return { namespace, keptMs: kept ? toMs(kept) : undefined };
}

function seenOfNamespace({ namespace, keptMs }: Awaited<ReturnType<typeof describe>>): Seen {
  if (keptMs === undefined) return ok(`${namespace}; it does not tell how long it keeps a call`);
  const told = `${namespace}, keeps a call for ${spanText(keptMs)} after its end`;
  if (keptMs >= DAY_MS) return ok(told);
  return warning(
    `${told}; then the same key is a new call`,
    `temporal operator namespace update -n ${namespace} --retention 30d`,
  );
}

async function seenOfAttributes(temporal: Temporal, fix: boolean): Promise<Seen> {
  const { connection, namespace, address } = temporal;
  const known = await readSearchAttributes(connection, namespace);
  const { faults, commands } = otherTypes(temporal, known);
  const missing = namesOf(known, 'missing');
  if (faults.length > 0) {
    return failure(faults.join(' · '), ...commands, 'temporal truedy setup --apply');
  }
  if (missing.length === 0) return ok('all six, of the right types');
  if (!fix || !isOnThisMachine(address)) {
    const told =
      missing.length === 6 ? 'none of the six is there' : `missing: ${missing.join(', ')}`;
    return failure(
      `TT1010  ${told}. Calls run, and lists show less.`,
      'temporal truedy setup --apply',
      'and start the workers anew, which look when they start',
    );
  }
  await register(temporal, missing, commandsFor(temporal, known));
  return ok(`added ${missing.join(', ')}`);
}

/** Who polled a queue of late, and when somebody did last. */
async function polled(
  temporal: Temporal,
  name: string,
  kind: 'workflow' | 'activity',
  skew: Promise<number | undefined>,
) {
  const skewMs = (await skew.catch(() => undefined)) ?? 0;
  const { connection, namespace } = temporal;
  const { pollers, perSecond } = await within(temporal, () =>
    readQueue(connection, namespace, name, kind),
  );
  return { ...livePollers(pollers, Date.now() + skewMs), perSecond };
}
type Polled = Awaited<ReturnType<typeof polled>> & {
  readonly queue: string;
  readonly temporal: Temporal;
};

function seenOfWorkers({ queue, temporal, live, lastAgoMs }: Polled): Seen {
  if (live.length > 0) {
    const count = live.length === 1 ? '1 worker' : `${live.length} workers`;
    return ok(
      `${count} on ${queue}: ${live
        .map(({ identity }) => identity)
        .slice(0, 3)
        .join(', ')}`,
    );
  }
  const last = Number.isFinite(lastAgoMs) ? `${spanText(lastAgoMs)} ago` : 'never';
  return failure(
    `TT6001  No worker polls task queue "${queue}" in "${temporal.namespace}" (last seen: ${last}).` +
      ' Calls are stored until one does.',
    'npm run worker',
  );
}

function onlyLive(found: Polled): Polled {
  if (found.live.length === 0) throw new Error('no worker');
  return found;
}

/** The server takes the rate of whoever polled last, so all have to say the same. */
function seenOfRate({ queue, live, perSecond }: Polled, perMinute: number): Seen {
  const rates = [...live.map((one) => one.perSecond), perSecond];
  const told = [...new Set(rates.map((rate) => Math.round((rate ?? perMinute / 60) * 60)))];
  if (told.every((rate) => rate === Math.round(perMinute))) {
    return ok(`${perMinute} a minute, enforced on ${queue} by the server`);
  }
  return warning(
    `${queue} is told ${told.join(' and ')} a minute, and TRUEDY_REQUESTS_PER_MINUTE here ` +
      `is ${perMinute}; it has to be the same for every worker`,
    'temporal truedy config show',
  );
}

function skewOf({ connection, namespace }: Temporal): Promise<number | undefined> {
  return serverSkewMs(connection, namespace);
}

function seenOfSkew(skewMs: number | undefined): Seen {
  if (skewMs === undefined) return skipped('not seen: the server does not tell its time');
  const apart = `${(Math.abs(skewMs) / 1_000).toFixed(1)} s apart from this machine`;
  if (Math.abs(skewMs) <= MAX_CLOCK_DIFFERENCE_MS) return ok(apart);
  return warning(
    `${apart}: a worker over ${MAX_CLOCK_DIFFERENCE_MS / 1_000} s apart may place no calls`,
    'timedatectl set-ntp true',
  );
}
