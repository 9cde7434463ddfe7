import type { WorkflowHandle } from '@temporalio/client';
import { violations, type Observed } from './checker';
import type { Cluster } from './cluster';
import { inputFor, until } from '../../support/rig';
import { inPhase } from '../../support/steer';

/** One way in which a call is open while workers are replaced. */
interface Course {
  readonly count: number;
  readonly plan?: object | readonly object[];
  readonly input?: Parameters<typeof inputFor>[1];
  /** Where the call is when the deploy begins. */
  readonly phase: string;
  /** Started last, because it does not stay there for long. */
  readonly isBrief?: boolean;
  /** Ends what keeps the call open. */
  readonly release?: (call: OpenCall) => Promise<unknown>;
  readonly outcome: string;
  readonly dials: number;
}

interface OpenCall {
  readonly cluster: Cluster;
  readonly course: Course;
  readonly number: string;
  readonly handle: WorkflowHandle;
}

/** Starts 20 calls that stay open, some in each phase, until they are released. */
export async function startOpenCalls(cluster: Cluster, taskQueue: string, key: string) {
  const courses = COURSES.flatMap((course) => Array.from({ length: course.count }, () => course));
  const toCall = (course: Course, index: number): OpenCall => ({
    cluster,
    course,
    number: `+1415555${nextNumber++}`,
    handle: cluster.client.workflow.getHandle(`call/${key}-${index}`),
  });
  const calls = courses.map(toCall);
  const begin = async (some: readonly OpenCall[]) => {
    await Promise.all(some.map((call) => start(call, taskQueue)));
    await Promise.all(some.map(({ handle, course }) => inPhase(handle, course.phase)));
  };
  const isBrief = ({ course }: OpenCall) => course.isBrief ?? false;
  await cluster.plan({
    numbers: Object.fromEntries(calls.map(({ number, course }) => [number, course.plan ?? {}])),
  });
  await begin(calls.filter((call) => !isBrief(call)));
  return {
    handles: calls.map(({ handle }) => handle),
    /** Starts the calls whose response from Truedy is outstanding or lost, and waits until Truedy has dialed. */
    async startBrief(): Promise<void> {
      const brief = calls.filter(isBrief);
      await begin(brief);
      await until(async () => (await dialsOf(cluster, brief)).length === brief.length);
    },
    /** Those that have not ended. */
    async open(): Promise<readonly WorkflowHandle[]> {
      const states = await Promise.all(calls.map(({ handle }) => handle.describe()));
      return calls.flatMap(({ handle }, index) =>
        states[index]?.status.name === 'RUNNING' ? [handle] : [],
      );
    },
    async release(): Promise<void> {
      await Promise.all(calls.map(async (call) => call.course.release?.(call)));
    },
    /** What is wrong with the calls, which must all have ended: one line each. */
    async problems(): Promise<readonly string[]> {
      return problemsOf(cluster, calls);
    },
  };
}

// --- internal ---

// A plan counts the requests to its number.
let nextNumber = 7_000;

const LATER = `${new Date().getFullYear() + 1}-01-04T09:00:00Z`;
const update = (name: string) => (call: OpenCall) => call.handle.executeUpdate(name);
const lost = { post: { kind: 'cut', dials: true }, webhooks: { events: [] } };
const broke = { post: { kind: 'answer', status: 402, code: 'insufficient_credits', dials: false } };

const COURSES: readonly Course[] = [
  {
    count: 2,
    input: { notBefore: LATER },
    phase: 'waiting',
    release: update('redialNow'),
    outcome: 'answered',
    dials: 1,
  },
  {
    count: 1,
    input: { notBefore: LATER },
    phase: 'waiting',
    release: update('stop'),
    outcome: 'cancelled',
    dials: 0,
  },
  {
    count: 3,
    // Truedy has 8 s at this time scale.
    plan: { post: { kind: 'slow', afterMs: 7_000 } },
    phase: 'placing',
    isBrief: true,
    outcome: 'answered',
    dials: 1,
  },
  // Settles 12 s after the lost response, by the listing.
  {
    count: 2,
    plan: lost,
    input: { placement: { settle: '5m' } },
    phase: 'unclear',
    isBrief: true,
    outcome: 'answered',
    dials: 1,
  },
  {
    count: 1,
    plan: lost,
    input: { placement: { settle: '1h' } },
    phase: 'unclear',
    release: resolveAsDialed,
    outcome: 'answered',
    dials: 1,
  },
  stuck('queued'),
  stuck('ringing'),
  stuck('in_progress'),
  {
    count: 3,
    plan: [{ phone: 'busy' }, {}],
    input: { redial: { maxAttempts: 2, after: { busy: ['30d'] } } },
    phase: 'redial_wait',
    release: update('redialNow'),
    outcome: 'answered',
    dials: 2,
  },
  {
    count: 2,
    plan: broke,
    input: { expiresAt: LATER },
    phase: 'held',
    release: async ({ cluster, number, handle }) => {
      await cluster.plan({ numbers: { [number]: {} } });
      await handle.executeUpdate('redialNow');
    },
    outcome: 'answered',
    dials: 1,
  },
];

/** A call that stays in a phase until Truedy reports its end. */
function stuck(phase: 'queued' | 'ringing' | 'in_progress'): Course {
  return {
    count: 2,
    plan: { phone: `stuck_${phase}` },
    phase,
    release: ({ cluster, handle }) => cluster.hangUp(handle),
    outcome: 'answered',
    dials: 1,
  };
}

async function start({ cluster, handle, number, course }: OpenCall, taskQueue: string) {
  await cluster.start(taskQueue, inputFor(number, course.input), handle.workflowId);
}

async function resolveAsDialed({ cluster, handle }: OpenCall): Promise<void> {
  const [dial] = (await cluster.seen(handle)).dials;
  await handle.executeUpdate<unknown, [object]>('resolve', {
    args: [{ dialled: true, callId: dial?.callId }],
  });
}

async function dialsOf(cluster: Cluster, calls: readonly OpenCall[]) {
  const { dials } = await cluster.ledger();
  return dials.filter(({ ref }) =>
    calls.some(({ handle }) => ref.startsWith(`default/${handle.workflowId}#`)),
  );
}

async function problemsOf(cluster: Cluster, calls: readonly OpenCall[]): Promise<string[]> {
  const runs: Observed[] = [];
  const wrong: string[] = [];
  for (const call of calls) {
    const { handle, course } = call;
    const { workflowId } = handle;
    const { status } = await handle.describe();
    if (status.name !== 'COMPLETED') wrong.push(`${workflowId} is ${status.name}`);
    const result = status.name === 'COMPLETED' ? await cluster.result(handle) : undefined;
    const dials = await dialsOf(cluster, [call]);
    runs.push({ workflowId, dials, ...(result && { result }) });
    const seen = `${result?.outcome} after ${dials.length}`;
    const expected = `${course.outcome} after ${course.dials}`;
    if (seen !== expected) wrong.push(`${workflowId} (${course.phase}): ${seen}, not ${expected}`);
  }
  return [...violations(runs), ...wrong];
}
