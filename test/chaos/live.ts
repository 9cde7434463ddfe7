import { setTimeout as sleep } from 'node:timers/promises';
import { boundOf } from './bound';
import { closeOf, numberOf, start, toInput } from './conversation';
import { createDeeds } from './deeds';
import type { DrawnCall } from './draw-call';
import type { Blow, Case, Ending } from './facts';
import { forge } from './forger';
import { historyFacts, whyOpen } from './history';
import { patiently } from './patience';
import { act, atWait, reset, testify, type Subject } from './people';
import type { Stage } from './stage';
import type { LedgerView } from './vendor';

/** What is known of a conversation before the vendor's side is looked at. */
export type Lived = Omit<
  Case,
  'posts' | 'dials' | 'truths' | 'deliveries' | 'reads' | 'blows' | 'isDataRead'
>;

export interface Life {
  readonly workflowId: string;
  /** Tells it the phase of its run, as lists show it. */
  onPhase(phase: string): void;
  readonly lived: Promise<Lived>;
}

const LOOK_MS = 1_000;
const ANSWER_MS = 20_000;

/** Starts one call, lets everything happen to it that was drawn, and follows it to its end. */
export function live(
  stage: Stage,
  ledger: LedgerView,
  of: { readonly index: number; readonly drawn: DrawnCall; readonly workflowId: string },
  blowsSince: (ms: number) => readonly Blow[],
): Life {
  const { index, drawn, workflowId } = of;
  const { client } = stage.cluster;
  const startedMs = Date.now();
  const input = toInput(drawn, index, startedMs);
  const deeds = createDeeds();
  const handle = client.workflow.getHandle(workflowId);
  const subject: Subject = {
    drawn,
    number: numberOf(index),
    handle,
    deeds,
    cluster: stage.cluster,
    ledger,
  };
  const over = new AbortController();
  const told = new Set<string>();
  const busy = new Set<Promise<unknown>>();
  const begin = (deed: Promise<unknown>) => {
    // Each deed keeps its own answer; what is broken off here is a wait.
    const kept: Promise<unknown> = deed.catch(() => undefined).finally(() => busy.delete(kept));
    busy.add(kept);
  };
  const later = (afterMs: number, then: () => Promise<void>) =>
    begin(sleep(afterMs, undefined, { signal: over.signal }).then(then));

  const boundMs = () => {
    const again = deeds.all.filter(({ what }) => what === 'reset' || what === 'again').length;
    return boundOf(drawn, { runs: 1 + again, blows: blowsSince(startedMs).length });
  };

  let openAs: string | undefined;

  /** `undefined` where it is still open when it should have ended. */
  async function endOrTooLate(): Promise<Ending | undefined> {
    const end = closeOf(client, workflowId);
    for (;;) {
      const ended = await Promise.race([end, sleep(LOOK_MS)]);
      if (ended !== undefined) return ended;
      if (Date.now() > startedMs + boundMs()) {
        // Nobody waits for it any more; the stage is cleared at the end.
        end.catch(() => undefined);
        openAs = await patiently(() => whyOpen(handle));
        // It has closed, and the long poll of that was lost with a server.
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
      await deeds.do({ what: 'start twice' }, () =>
        Promise.reject(new Error('it became two runs')),
      );
    for (const one of drawn.acts) later(one.afterMs, () => act(subject, one));
    const { forgery } = drawn;
    if (forgery) later(forgery.afterMs, () => forge(subject, forgery.kind, stage.door.origin));
  }

  async function lived(): Promise<Lived> {
    await begun();
    const endings: Ending[] = [];
    let ending = await endOrTooLate();
    if (ending !== undefined) endings.push(ending);
    if (ending !== undefined && drawn.resetAfterItsEnd !== undefined) {
      await reset(subject, drawn.resetAfterItsEnd);
      ending = await endOrTooLate();
    }
    if (ending !== undefined && drawn.start === 'again_after_its_end') {
      await deeds.do({ what: 'again' }, () => start(client, workflowId, input, 'ALLOW_DUPLICATE'));
      ending = await endOrTooLate();
    }
    over.abort();
    await Promise.race([Promise.all(busy), sleep(ANSWER_MS)]);
    await deeds.settled(ANSWER_MS);
    // Whoever reset it last may have done so after its end.
    if (ending !== undefined) ending = await endOrTooLate();
    if (ending !== undefined && ending.runId !== endings.at(-1)?.runId) endings.push(ending);
    const isClear =
      ending?.result?.attempts.every(({ placedBy }) => placedBy === 'response') ?? false;
    const newest = client.workflow.getHandle(workflowId, ending?.runId);
    const history = isClear ? undefined : await patiently(() => historyFacts(newest));
    return {
      index,
      workflowId,
      drawn,
      call: input.call,
      startedMs,
      ...(input.notBefore !== undefined && { notBeforeMs: Date.parse(input.notBefore) }),
      ...(input.expiresAt !== undefined && { expiresMs: Date.parse(input.expiresAt) }),
      boundMs: boundMs(),
      ...(ending === undefined && { openAtMs: Date.now() }),
      ...(openAs !== undefined && { openAs }),
      endings,
      deeds: deeds.all,
      ...(history && { history }),
    };
  }

  return {
    workflowId,
    onPhase(phase) {
      if (told.has(phase)) return;
      told.add(phase);
      if (phase === 'unclear') begin(testify(subject));
      else begin(atWait(subject));
    },
    lived: lived(),
  };
}
