import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import pc from 'picocolors';
import { request } from 'undici';
import { z } from 'zod';
import type { OutboundCallInput } from '../call/input';
import type { CallResult, CallView } from '../call/messages';
import { maskNumber } from '../call/words';
import { untilStopped } from '../process';
import { createTemporalClient } from '../temporal/client';
import { startDevServer } from '../temporal/dev-server';
import { getCall } from '../workflows/messages';
import { startChild, type Child } from './child';
import { startCall } from './start';

const PHONES = { answered: '+14155550101', webhookLost: '+14155550113' } as const;
const LOOK_EVERY_MS = 100;

/** Everything the demo runs, and what undoes it. */
interface Stage {
  readonly run: string;
  readonly client: Client;
  readonly taskQueue: string;
  readonly simulator: string;
  worker: Child;
  readonly newWorker: () => Promise<Child>;
  readonly leave: () => Promise<void>;
}

/**
 * Three calls against a simulator on a real Temporal server: answered by webhook, learned by poll with
 * the webhook lost, answered although the worker was killed. Nothing here dials a real phone.
 *
 * @returns 0, or 1 where the simulator's own ledger counts another number of dials.
 */
export async function demo({ fast }: { readonly fast: boolean }): Promise<number> {
  const startedMs = Date.now();
  say(
    pc.bold('truedy + temporal demo') +
      '                           nothing here dials a real phone',
  );
  const undo: (() => Promise<void>)[] = [];
  const leave = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const interrupted = new Promise<'interrupted'>((resolve) => {
    process.once('SIGINT', () => resolve('interrupted'));
    process.once('SIGTERM', () => resolve('interrupted'));
  });
  try {
    const scenes = (async () => {
      const stage = await setUp(undo, leave);
      await playScenes(stage);
      return tellCounts(stage, startedMs);
    })();
    const isRight = await Promise.race([scenes, interrupted]);
    if (isRight === 'interrupted') {
      scenes.catch(() => undefined);
      say('\nInterrupted: everything that was started is stopped.');
      return 130;
    }
    if (!fast) {
      tellNext();
      await untilStopped(leave);
    }
    return isRight ? 0 : 1;
  } finally {
    await leave();
  }
}

// --- internal ---

async function setUp(undo: (() => Promise<void>)[], leave: () => Promise<void>): Promise<Stage> {
  const run = randomBytes(4).toString('hex').slice(0, 6);
  const server = await startDevServer({ ui: true, say: (line) => say(`    ${line}`) });
  undo.push(server.stop);
  done('Temporal', `${server.address}  ${server.origin}`);
  const secret = `whsec_demo_${randomBytes(16).toString('hex')}`;
  const taskQueue = `truedy-demo-${run}`;
  const temporal = {
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    LOG_LEVEL: 'error',
  };
  const keep = (child: Child) => {
    undo.push(() => child.kill('SIGKILL'));
    return child;
  };
  const bridge = keep(
    await startChild('webhook/server', {
      ...temporal,
      TRUEDY_WEBHOOK_SECRETS: secret,
      WEBHOOK_PORT: '0',
    }),
  );
  const webhookUrl = addressIn(bridge.ready);
  const simulator = keep(
    await startChild('simulator/server', {
      SIMULATOR_PORT: '0',
      SIMULATOR_WEBHOOK_URL: webhookUrl,
      SIMULATOR_WEBHOOK_SECRET: secret,
      SIMULATOR_API_KEY: 'truedy_demo',
      SIMULATOR_LEDGER: '',
    }),
  );
  const baseUrl = addressIn(simulator.ready);
  done('Truedy API', `simulator on ${new URL(baseUrl).host}`);
  done('Webhooks', `${webhookUrl}  (signed, secret of this run)`);
  const newWorker = async () =>
    keep(
      await startChild('cli/demo-worker', {
        ...temporal,
        TRUEDY_API_KEY: 'truedy_demo',
        TRUEDY_BASE_URL: baseUrl,
        TRUEDY_TASK_QUEUE: taskQueue,
        TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
        TRUEDY_REQUESTS_PER_MINUTE: '600',
      }),
    );
  const worker = await newWorker();
  done('Worker', `${taskQueue}, ${taskQueue}-api`);
  const query = encodeURIComponent(`WorkflowId STARTS_WITH "call/demo-${run}"`);
  if (server.uiAddress !== undefined) {
    const list = `${server.uiAddress}/namespaces/${server.namespace}/workflows?query=${query}`;
    say(`  ${pc.cyan('→')} Watch it      ${list}`);
  }
  const { client, connection } = createTemporalClient({ ...process.env, ...temporal });
  undo.push(() => connection.close());
  return {
    run,
    client,
    taskQueue,
    simulator: new URL(baseUrl).origin,
    worker,
    newWorker,
    leave,
  };
}

async function playScenes(stage: Stage): Promise<void> {
  await scene(stage, 1, 'A call that is answered', PHONES.answered, '5m', follow);
  await scene(stage, 2, 'The webhook never comes', PHONES.webhookLost, '5s', follow);
  await scene(stage, 3, 'The worker dies mid-call', PHONES.answered, '5m', async (call) => {
    await follow(call, ({ phase }) => phase === 'ringing' || phase === 'in_progress');
    await stage.worker.kill('SIGKILL');
    call.at(pc.red('✗ worker'), 'killed (SIGKILL)');
    stage.worker = await stage.newWorker();
    call.at(pc.green('✓ worker'), 'a new one took the call over where it stood');
    await follow(call);
  });
}

interface ScenePlay {
  readonly handle: WorkflowHandle;
  readonly at: (what: string, text: string) => void;
}

async function scene(
  stage: Stage,
  number: number,
  title: string,
  phone: string,
  grace: string,
  play: (call: ScenePlay) => Promise<void>,
): Promise<void> {
  const workflowId = `call/demo-${stage.run}-${number}`;
  say(`\n${pc.bold(`${number} of 3  ${title}`.padEnd(48))} ${workflowId}`);
  const sinceMs = Date.now();
  const at = (what: string, text: string) => {
    const seconds = ((Date.now() - sinceMs) / 1000).toFixed(1).padStart(6);
    say(`${seconds}s  ${what.padEnd(12)} ${text}`);
  };
  const input: OutboundCallInput = {
    call: { agent_id: 'agent_demo', phone_number: phone, variables: { first_name: 'Sarah' } },
    completion: { grace },
  };
  const { handle } = await startCall(stage.client, workflowId, input, {
    taskQueue: stage.taskQueue,
  });
  at('started', `${maskNumber(phone)}, agent_demo`);
  await play({ handle, at });
  const result: CallResult = await handle.result();
  const [attempt] = result.attempts;
  at(pc.green(`✓ ${result.outcome}`), `learned by ${attempt?.learnedBy ?? 'nobody'}`);
}

/** Tells each new phase until the call has ended, or until what the caller waits for. */
async function follow(
  { handle, at }: ScenePlay,
  until: (view: CallView) => boolean = () => false,
): Promise<void> {
  let last = '';
  for (;;) {
    const view: CallView = await handle.query(getCall);
    if (view.phase !== last && view.phase !== 'ended') at(view.phase, view.because);
    last = view.phase;
    if (view.phase === 'ended' || until(view)) return;
    await sleep(LOOK_EVERY_MS);
  }
}

const ledgerSchema = z.object({ dials: z.array(z.object({ ref: z.string() })) });

/** The proof: dials as the simulator's own ledger counts them, not as we do. */
async function tellCounts({ simulator, run }: Stage, startedMs: number): Promise<boolean> {
  const { body } = await request(`${simulator}/_sim/ledger`);
  const { dials } = ledgerSchema.parse(await body.json());
  const refs = dials.map(({ ref }) => ref).filter((ref) => ref.includes(`demo-${run}-`));
  const calls = new Set(refs).size;
  const duplicates = refs.length - calls;
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  say(`\nDone in ${seconds} s: ${calls} calls, ${refs.length} dials, ${duplicates} duplicates`);
  return calls === 3 && duplicates === 0;
}

function tellNext(): void {
  say('The server stays up until Ctrl-C.');
  say('Try next   npm run call -- start --to +14155550101 --agent demo --dry-run');
  say('           npm run call -- --help');
}

function addressIn(line: string): string {
  return /https?:\/\/\S+/.exec(line)?.[0] ?? '';
}

function done(what: string, text: string): void {
  say(`  ${pc.green('✓')} ${what.padEnd(13)} ${text}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
