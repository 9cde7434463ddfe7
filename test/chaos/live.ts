import { setTimeout as sleep } from 'node:timers/promises';
import { boundOf } from './bound';
import { closeOf, numberOf, start, toInput } from './conversation';
import { createActions } from './actions';
import type { DrawnCall } from './draw-call';
import { judgedEnd, type Case, type Incident, type RunEnd } from './facts';
import { forge } from './forger';
import { historyFacts, whyOpen, withSecondRun } from './history';
import { withRetries } from './retries';
import { act, atWait, reset, resolveAsWitness, type Subject } from './people';
import type { Stage } from './stage';
import type { LedgerView } from './vendor';

/** The facts about a call without the vendor's side. */
export type CallFacts = Omit<
  Case,
  'posts' | 'dials' | 'truths' | 'deliveries' | 'reads' | 'incidents' | 'isDataRead'
>;

export interface FollowedCall {
  readonly workflowId: string;
  /** Reports the phase of the run, as lists show it. */
  onPhase(phase: string): void;
  readonly facts: Promise<CallFacts>;
}

const POLL_MS = 1_000;
const ANSWER_MS = 20_000;

/** Starts one call, performs everything that was drawn for it, and follows it to its end. */
export function followCall(
  stage: Stage,
  ledger: LedgerView,
  of: { readonly index: number; readonly drawn: DrawnCall; readonly workflowId: string },
  incidentsSince: (ms: number) => readonly Incident[],
): FollowedCall {
  const { index, drawn, workflowId } = of;
  const { client } = stage.cluster;
  const startedMs = Date.now();
  const input = toInput(drawn, index, startedMs);
  const actions = createActions();
  const handle = client.workflow.getHandle(workflowId);
  const subject: Subject = {
    drawn,
    number: numberOf(drawn.person ?? index),
    handle,
    actions,
    cluster: stage.cluster,
    ledger,
  };
  const finished = new AbortController();
  const seen = new Set<string>();
  const busy = new Set<Promise<unknown>>();
  const begin = (action: Promise<unknown>) => {
    // Each action records its own answer. Only a wait can be aborted here.
    const kept: Promise<unknown> = action.catch(() => undefined).finally(() => busy.delete(kept));
    busy.add(kept);
  };
  const later = (afterMs: number, then: () => Promise<void>) =>
    begin(sleep(afterMs, undefined, { signal: finished.signal }).then(then));

  const boundMs = () => {
    const again = actions.all.filter(({ name }) => name === 'reset' || name === 'again').length;
    return boundOf(drawn, { runs: 1 + again, incidents: incidentsSince(startedMs).length });
  };

  let openAs: string | undefined;

  /** How the run closed. `undefined` if it is still open after its bound. */
  async function endOrTooLate(): Promise<RunEnd | undefined> {
    const end = closeOf(client, workflowId);
    for (;;) {
      const ended = await Promise.race([end, sleep(POLL_MS)]);
      if (ended !== undefined) return ended;
      if (Date.now() > startedMs + boundMs()) {
        // The result is no longer needed. All processes are stopped at the end.
        end.catch(() => undefined);
        openAs = await withRetries(() => whyOpen(handle));
        // The run has closed, and the long poll for its result was lost with a server.
        return openAs === undefined ? closeOf(client, workflowId) : undefined;
      }
    }
  }

  async function begun(): Promise<void> {
    const starts = Array.from({ length: drawn.start === 'twice' ? 2 : 1 }, () =>
      start(client, workflowId, input),
    );
    const runs = new Set((await Promise.all(starts)).filter((run) => run !== undefined));
    if (runs.size > 1)
      await actions.do({ name: 'start twice' }, () =>
        Promise.reject(new Error('two runs were started')),
      );
    for (const drawnAct of drawn.acts) later(drawnAct.afterMs, () => act(subject, drawnAct));
    const { forgery } = drawn;
    if (forgery) later(forgery.afterMs, () => forge(subject, forgery.kind, stage.door.origin));
  }

  const historyOfRun = (end: RunEnd | undefined) =>
    withRetries(() => historyFacts(client.workflow.getHandle(workflowId, end?.runId)));

  /** The histories that can excuse a result. `undefined` if each attempt has the answer to its request. */
  async function historyOf(judged: RunEnd | undefined, newest: RunEnd | undefined) {
    if (judged?.runId === newest?.runId) return isClear(newest) ? undefined : historyOfRun(newest);
    if (isClear(judged) && isClear(newest)) return undefined;
    return withSecondRun(await historyOfRun(judged), await historyOfRun(newest));
  }

  async function facts(): Promise<CallFacts> {
    await begun();
    const runEnds: RunEnd[] = [];
    let runEnd = await endOrTooLate();
    if (runEnd !== undefined) runEnds.push(runEnd);
    if (runEnd !== undefined && drawn.resetAfterItsEnd !== undefined) {
      await reset(subject, drawn.resetAfterItsEnd);
      runEnd = await endOrTooLate();
    }
    if (runEnd !== undefined && drawn.start === 'again_after_its_end') {
      await actions.do({ name: 'again' }, () =>
        start(client, workflowId, input, 'ALLOW_DUPLICATE'),
      );
      runEnd = await endOrTooLate();
    }
    finished.abort();
    await Promise.race([Promise.all(busy), sleep(ANSWER_MS)]);
    await actions.settled(ANSWER_MS);
    // The last reset may have come after the end of the run.
    if (runEnd !== undefined) runEnd = await endOrTooLate();
    if (runEnd !== undefined && runEnd.runId !== runEnds.at(-1)?.runId) runEnds.push(runEnd);
    const history = await historyOf(runEnd && judgedEnd({ actions: actions.all, runEnds }), runEnd);
    return {
      index,
      workflowId,
      drawn,
      call: input.call,
      startedMs,
      ...(input.notBefore !== undefined && { notBeforeMs: Date.parse(input.notBefore) }),
      ...(input.expiresAt !== undefined && { expiresMs: Date.parse(input.expiresAt) }),
      boundMs: boundMs(),
      ...(runEnd === undefined && { openAtMs: Date.now() }),
      ...(openAs !== undefined && { openAs }),
      runEnds,
      actions: actions.all,
      ...(history && { history }),
    };
  }

  return {
    workflowId,
    onPhase(phase) {
      if (seen.has(phase)) return;
      seen.add(phase);
      if (phase === 'unclear') begin(resolveAsWitness(subject));
      else begin(atWait(subject));
    },
    facts: facts(),
  };
}

// --- internal ---

function isClear(end: RunEnd | undefined): boolean {
  return end?.result?.attempts.every(({ placedBy }) => placedBy === 'response') ?? false;
}
