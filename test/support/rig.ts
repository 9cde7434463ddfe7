import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Client, type WorkflowHandle } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { NativeConnection } from '@temporalio/worker';
import type { MayDial } from '../../src/activities';
import type { ContactPolicy } from '../../src/call/contact/policy';
import type { OutboundCallInput } from '../../src/call/input';
import type { CallResult, CallView } from '../../src/call/api-types';
import { API_PATH, createSimulator } from '../../src/testing/simulator/app';
import { createWebhookApp, WEBHOOK_PATH } from '../../src/webhook/app';
import { createCorrelate } from '../../src/webhook/correlate';
import { close, listen } from '../../src/runtime/http-server';
import type { Received } from '../../src/webhook/receive';
import { createSignal } from '../../src/webhook/signal';
import type { TruedyClient } from '../../src/truedy/client';
import { createWorkers } from '../../src/workers/create';
import { installRuntime } from '../../src/workers/run';
import { getCall, WORKFLOW_TYPE } from '../../src/workflows/messages';
import { capturedLog } from './captured-log';
import { testAddress } from './temporal';
import { bundleWith } from './workflow-bundles';

export { until } from './until';

const API_KEY = 'truedy_testkey_0123456789';
const SECRET = 'whsec_test_0123456789abcdef';

/** The key of contact workflow ids. Random, so that test runs on one server do not share contacts. */
export const CONTACT_KEY = randomUUID();

type Dialect = 'guide' | 'data';
let currentDialect: Dialect = 'guide';

/** Sets the dialect in which Truedy answers in this test file. A plan can override it. */
export function speak(dialect: Dialect): void {
  currentDialect = dialect;
}

let currentConverter: DataConverter | undefined;

/** Sets the data converter of every rig in this test file. */
export function encode(dataConverter: DataConverter): void {
  currentConverter = dataConverter;
}

/** The task queue of every rig that this test file started. */
export const startedQueues: string[] = [];

export interface RigOptions {
  /** Divides our waits. Default 100: settle 3.3 s, deadline 51 s. */
  readonly timeScale?: number;
  /** Divides the simulator's times. Default 20: a call ends 150 ms after it was placed. */
  readonly speed?: number;
  readonly requestsPerMinute?: number;
  /** Whether deliveries reach a bridge. Default true. */
  readonly bridge?: boolean;
  readonly mayDial?: MayDial;
  /** Default: a client of the simulator. */
  readonly truedy?: TruedyClient;
  readonly dialCheckUrl?: string;
  readonly searchAttributes?: 'on' | 'off' | 'auto';
  /** Default: no contact limits. */
  readonly contactPolicy?: ContactPolicy;
  /** Normalized. Default: as in production. */
  readonly optOutOutcomes?: readonly string[];
  /** Default `default`. */
  readonly namespace?: string;
  /** Default: a new one. */
  readonly taskQueue?: string;
  /** Of client, bridge and workers. Default: the SDK's. */
  readonly dataConverter?: DataConverter;
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** Starts a bridge, a simulator and workers in this process, on their own queues of the shared test server. */
export async function startRig(options: RigOptions = {}) {
  const { timeScale = 100, speed = 20, requestsPerMinute = 6_000, bridge = true } = options;
  const { namespace = 'default', dataConverter = currentConverter } = options;
  const { log, lines } = capturedLog();
  try {
    installRuntime(log);
  } catch {
    // A second rig of a test file keeps the runtime of the first one.
  }
  const connection = await NativeConnection.connect({ address: testAddress() });
  const client = new Client({ connection, namespace, ...(dataConverter && { dataConverter }) });
  const received: Received[] = [];
  const app = createWebhookApp({
    secrets: [SECRET],
    now: Date.now,
    correlate: createCorrelate(client, namespace),
    signal: createSignal(client),
    onReceived: (one) => received.push(one),
    health: { isLive: () => true, because: async () => [] },
  });
  const web = await listen(app, { host: '127.0.0.1', port: 0 });
  const webhookUrl = `http://127.0.0.1:${web.port}${WEBHOOK_PATH}`;
  const simulator = createSimulator({
    apiKey: API_KEY,
    webhookSecret: SECRET,
    speed,
    requestsPerMinute: null,
    ...(bridge && { webhookUrl }),
  });
  const vendor = createServer((request, response) => {
    void getRequestListener(simulator.app.fetch)(request, response);
  });
  vendor.listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  const origin = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const taskQueue = options.taskQueue ?? `test-${randomUUID()}`;
  startedQueues.push(taskQueue);
  const workflowBundle = bundleWith(dataConverter);
  const workers = await createWorkers(
    {
      apiKey: API_KEY,
      baseUrl: `${origin}${API_PATH}`,
      taskQueue,
      apiTaskQueue: `${taskQueue}-api`,
      requestsPerMinute,
      maxCachedCalls: 300,
      searchAttributes: options.searchAttributes ?? 'on',
      timeScale,
      healthHost: '127.0.0.1',
      healthPort: undefined,
      metricsAddress: undefined,
      dialCheckUrl: options.dialCheckUrl,
      dialCheckKey: undefined,
      dialCheckSendsNumber: false,
      logLevel: 'debug',
      optOutOutcomes: [...(options.optOutOutcomes ?? ['opted_out', 'do_not_call'])],
      ...(options.contactPolicy && {
        contacts: { policy: options.contactPolicy, key: CONTACT_KEY },
      }),
    },
    { connection, namespace, dataConverter },
    log,
    {
      ...(options.mayDial && { mayDial: options.mayDial }),
      ...(options.truedy && { truedy: options.truedy }),
      ...(workflowBundle && { workflowBundle }),
    },
  );
  const running = workers.run();
  running.catch(() => undefined);

  const rig = {
    client,
    dialect: currentDialect,
    origin,
    webhookUrl,
    webhookSecret: SECRET,
    taskQueue,
    received,
    lines,
    /** Starts a call as a program in another language would: with type, queue, id and one JSON object. */
    async start(input: unknown, workflowId = `call/${randomUUID()}`): Promise<WorkflowHandle> {
      return client.workflow.start(WORKFLOW_TYPE, { taskQueue, workflowId, args: [input] });
    },
    async run(input: unknown): Promise<CallResult> {
      const handle = await rig.start(input);
      return handle.result();
    },
    async plan(plan: object): Promise<void> {
      const answer = await simulator.app.request('/_sim/plan', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ dialect: currentDialect, ...plan }),
      });
      if (answer.status !== 200) throw new Error(await answer.text());
    },
    async control(path: string, body: object): Promise<any> {
      const answer = await simulator.app.request(`/_sim/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return answer.json();
    },
    /** Makes the vendor unreachable. The returned function makes it reachable again on the same port. */
    async shutVendor(): Promise<() => Promise<void>> {
      const { port } = vendor.address() as AddressInfo;
      vendor.close();
      vendor.closeAllConnections();
      await once(vendor, 'close');
      return async () => {
        vendor.listen(port, '127.0.0.1');
        await once(vendor, 'listening');
      };
    },
    async ledger(): Promise<Ledger> {
      return (await simulator.app.request('/_sim/ledger')).json() as Promise<Ledger>;
    },
    /** The vendor's records of one call. */
    async seen(handle: { readonly workflowId: string }): Promise<Ledger> {
      const { dials, posts, ...rest } = await rig.ledger();
      const isOurs = ({ ref }: { ref: string | null }) =>
        ref?.startsWith(`${namespace}/${handle.workflowId}#`) ?? false;
      return { dials: dials.filter(isOurs), posts: posts.filter(isOurs), ...rest };
    },
    /** What the phone of a call does, whatever the API reports. */
    async phoneOf(callId: string): Promise<string | undefined> {
      const { calls } = (await (await simulator.app.request('/_sim/calls')).json()) as {
        calls: { callId: string; status: string }[];
      };
      return calls.find((one) => one.callId === callId)?.status;
    },
    async requests(): Promise<SimulatorRequest[]> {
      const { requests } = (await (await simulator.app.request('/_sim/log')).json()) as {
        requests: SimulatorRequest[];
      };
      return requests;
    },
    view(handle: WorkflowHandle): Promise<CallView> {
      return handle.query(getCall);
    },
    async events(handle: WorkflowHandle): Promise<readonly string[]> {
      const { events } = JSON.parse(await rig.historyJson(handle)) as {
        events: { eventType: string }[];
      };
      return events.map(({ eventType }) => eventType.replace(/^EVENT_TYPE_/, ''));
    },
    /**
     * The events without what a busy machine adds: workflow tasks that timed out, and those that only kept a local
     * activity alive. Both are directly followed by the next task.
     */
    async eventsOnAnIdleMachine(handle: WorkflowHandle): Promise<readonly string[]> {
      const repeated =
        /WORKFLOW_TASK_SCHEDULED (?:WORKFLOW_TASK_STARTED )?WORKFLOW_TASK_(?:COMPLETED|TIMED_OUT) (?=(?:MARKER_RECORDED )*WORKFLOW_TASK_SCHEDULED)/g;
      return (await rig.events(handle)).join(' ').replace(repeated, '').split(' ');
    },
    /** The events apart from workflow tasks, whose number depends on what arrives at the same time. */
    async eventsWithoutTasks(handle: WorkflowHandle): Promise<readonly string[]> {
      return (await rig.events(handle)).filter((type) => !type.startsWith('WORKFLOW_TASK_'));
    },
    /** The history without stack traces, which contain paths of the machine. */
    async historyJson(handle: WorkflowHandle): Promise<string> {
      const json = historyToJSON(await handle.fetchHistory());
      return json.replace(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
    },
    async stop(): Promise<void> {
      workers.shutdown();
      await running;
      simulator.close();
      vendor.closeAllConnections();
      vendor.close();
      await close(web.server);
      await connection.close();
    },
  };
  await rig.plan({});
  return rig;
}

export interface Ledger {
  readonly dials: { ref: string; number: string; callId: string; at: string }[];
  readonly posts: {
    ref: string | null;
    body: string;
    status: number;
    headers: Record<string, string>;
    at: string;
  }[];
  readonly reads: number;
  readonly lists: number;
}

export interface SimulatorRequest {
  readonly at: string;
  readonly kind: 'post' | 'read' | 'list';
  readonly callId?: string;
  readonly status: number;
}

/** A valid input with the changes of a test. */
export function inputFor(
  phoneNumber: string,
  rest: Partial<Omit<OutboundCallInput, 'call'>> & {
    readonly call?: Partial<OutboundCallInput['call']>;
  } = {},
): OutboundCallInput {
  const { call, ...others } = rest;
  return { call: { agent_id: 'agent_1', phone_number: phoneNumber, ...call }, ...others };
}
