import { request } from 'undici';
import { z } from 'zod';
import type { OutboundCallInput } from '../../call/input';
import type { CallResult } from '../../call/api-types';
import { maskNumber } from '../../call/text/masking';
import { waitForStopRequest } from '../../runtime/process';
import { colorsFor } from '../shared/colors';
import type { CommonFlags } from '../shared/flags';
import { say, setUp, type Cleanup, type Stage } from './stage';
import { stepsOf, type Step } from './story';
import { EXIT } from '../shared/exit-codes';
import { startOrFind } from '../../client/start-call';

const PHONES = {
  answered: '+14155550101',
  webhookLost: '+14155550113',
  answeredAtLast: '+14155550116',
} as const;
const RESULT_SOURCES: Readonly<Record<string, string>> = {
  webhook: 'A webhook reported the result',
  poll: 'A poll of Truedy found the result',
};
/** Turns the minimum wait before a redial, one minute, into one second. */
const REDIAL_TIME_SCALE = 60;

/**
 * Plays three calls with a simulated Truedy and a real Temporal server: one with webhooks, one whose
 * webhooks are lost, and one whose worker is killed. No real phone is dialed.
 *
 * With `--scenario redial`, plays one call instead: no answer, then busy, then answered.
 *
 * @returns 0, or 1 if the simulator's ledger does not contain exactly three dials.
 */
export async function demo(
  flags: CommonFlags & {
    readonly fast?: boolean;
    readonly yes?: boolean;
    readonly scenario?: string;
  },
): Promise<number> {
  const startedMs = Date.now();
  const stop = new AbortController();
  const undo: (() => Promise<void>)[] = [];
  const leave = async () => {
    stop.abort();
    for (const step of undo.splice(0).reverse()) await step();
  };
  // A second signal exits immediately; the child processes stop with this one.
  const interrupted = waitForStopRequest({ signal: stop.signal }).then(
    () => 'interrupted' as const,
  );
  say(
    colorsFor(flags.color).bold('truedy + temporal demo') +
      '                           no real phone is dialed',
  );
  try {
    const scenes = play(flags, { undo, signal: stop.signal, startedMs });
    const isRight = await Promise.race([scenes, interrupted]);
    if (isRight === 'interrupted') return await breakOff(scenes, leave);
    if (!flags.fast) {
      await interrupted;
      await leave();
      say('All processes of the demo are stopped.');
    }
    return isRight ? EXIT.done : EXIT.bug;
  } finally {
    await leave();
  }
}

// --- internal ---

async function play(flags: Parameters<typeof demo>[0], cleanup: Cleanup): Promise<boolean> {
  const isRedial = flags.scenario === 'redial';
  const stage = await setUp(flags, cleanup, isRedial ? REDIAL_TIME_SCALE : 1);
  await (isRedial ? playRedial(stage) : playScenes(stage));
  const isRight = await printCounts(stage, cleanup.startedMs);
  if (!flags.fast) printNextSteps(stage);
  return isRight;
}

async function breakOff(scenes: Promise<boolean>, leave: () => Promise<void>): Promise<number> {
  scenes.catch(() => undefined);
  await leave();
  say('\nInterrupted. All processes of the demo are stopped.');
  return EXIT.interrupted;
}

async function playScenes(stage: Stage): Promise<void> {
  const input = (phone: string, grace = '5m') => ({ ...inputFor(phone), completion: { grace } });
  await scene(stage, '1 of 3  The person answers', input(PHONES.answered), follow);
  await scene(stage, '2 of 3  The webhooks are lost', input(PHONES.webhookLost, '5s'), follow);
  await scene(
    stage,
    '3 of 3  The worker crashes during the call',
    input(PHONES.answered),
    async (call) => {
      await follow(call, ({ what }) => what === 'ringing');
      await stage.worker.kill('SIGKILL');
      call.at(
        stage.paint.red('✗ worker'),
        'killed (SIGKILL); Temporal keeps the state of the call',
      );
      // The call continues meanwhile, and Temporal stores its webhooks for the next worker.
      await Promise.all([follow(call), replaceWorker(stage, call)]);
    },
  );
}

async function replaceWorker(stage: Stage, { at }: ScenePlay): Promise<void> {
  stage.worker = await stage.newWorker();
  at(stage.paint.green('✓ worker'), 'a new worker continues the call from its history');
}

async function playRedial(stage: Stage): Promise<void> {
  const redial = { maxAttempts: 3, after: { no_answer: ['1m'], busy: ['1m'] } };
  const input = { ...inputFor(PHONES.answeredAtLast), redial };
  await scene(stage, '1 of 1  No answer, then busy, then answered', input, follow);
}

function inputFor(phone: string): OutboundCallInput {
  return { call: { agent_id: 'agent_demo', phone_number: phone, variables: { name: 'Sarah' } } };
}

interface ScenePlay {
  readonly steps: AsyncGenerator<Step>;
  /** Prints a line with the seconds since the start of the scene. */
  readonly at: (what: string, text: string, atMs?: number) => void;
}

async function scene(
  stage: Stage,
  title: string,
  input: OutboundCallInput,
  play: (call: ScenePlay) => Promise<void>,
): Promise<void> {
  const workflowId = `call/demo-${stage.run}-${title.slice(0, 1)}`;
  say(`\n${stage.paint.bold(title.padEnd(48))} ${workflowId}`);
  const sinceMs = Date.now();
  const at = (what: string, text: string, atMs = Date.now()) => {
    const seconds = (Math.max(0, atMs - sinceMs) / 1000).toFixed(1).padStart(6);
    say(`${seconds}s  ${what.padEnd(12)} ${text}`);
  };
  const { handle } = await startOrFind(stage.client, workflowId, input, {
    taskQueue: stage.taskQueue,
  });
  at('started', `Call ${maskNumber(input.call.phone_number)} with agent_demo`);
  await play({ steps: stepsOf(handle), at });
  const result: CallResult = await handle.result();
  const [last] = result.attempts.slice(-1);
  const earlier = result.attempts.slice(0, -1).map(({ outcome }) => outcome ?? 'open');
  const after = earlier.length === 0 ? '' : `, after ${earlier.join(' and ')}`;
  const source = RESULT_SOURCES[last?.learnedBy ?? ''] ?? 'The result is known';
  at(stage.paint.green(`✓ ${result.outcome}`), `${source}${after}`);
}

/** Prints each step until the call has ended, or up to and including the first that `isLast` accepts. */
async function follow(
  { steps, at }: ScenePlay,
  isLast: (step: Step) => boolean = () => false,
): Promise<void> {
  for (;;) {
    const { value: step, done } = await steps.next();
    if (done) return;
    at(step.what, step.text, step.atMs);
    if (isLast(step)) return;
  }
}

const ledgerSchema = z.object({ dials: z.array(z.object({ ref: z.string() })) });

/** Prints the dials that the simulator's ledger counted, independently of the workflow. */
async function printCounts({ simulator, run }: Stage, startedMs: number): Promise<boolean> {
  const { body } = await request(`${simulator}/_sim/ledger`);
  const { dials } = ledgerSchema.parse(await body.json());
  const refs = dials.map(({ ref }) => ref).filter((ref) => ref.includes(`demo-${run}-`));
  const calls = new Set(refs).size;
  const duplicates = refs.length - calls;
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  say(`\nDone in ${seconds} s: ${calls} calls, ${refs.length} dials, ${duplicates} duplicates`);
  return calls === 3 && duplicates === 0;
}

function printNextSteps({ address, taskQueue }: Stage): void {
  say('The server keeps running until you press Ctrl-C.');
  say(`Try next   export TEMPORAL_ADDRESS=${address} TRUEDY_TASK_QUEUE=${taskQueue}`);
  say(`           npm run call -- start --to ${PHONES.answered} --agent demo --wait`);
  say('           npm run call -- --help');
}
