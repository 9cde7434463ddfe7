import {
  condition,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  callIdOf,
  hear,
  isAbout,
  newAttempt,
  phaseOf,
  toReport,
  withFlag,
  withNote,
  type Attempt,
} from '../call/attempts';
import { details } from '../call/details';
import type { CallView, Phase, Resolution, Step } from '../call/messages';
import { toCallEvent } from '../call/news';
import type { Outcome } from '../call/outcome';
import type { CallPlan } from '../call/plan';
import { stepsIn } from '../call/steps';
import {
  TRUEDY_AGENT_ID,
  TRUEDY_ATTEMPT,
  TRUEDY_CALL_ID,
  TRUEDY_CAMPAIGN,
  TRUEDY_OUTCOME,
  TRUEDY_PHASE,
} from './search-attributes';

/** What a phase is about: why, and when it goes on by itself. */
export interface Why {
  /** One sentence. */
  readonly because: string;
  /** The reason in a few words, for the heading of the page. */
  readonly title?: string;
  readonly nextAtMs?: number;
  /** `nextAtMs` on the wall of the person called. */
  readonly nextThere?: string;
  /** Past this instant nothing more comes of it. */
  readonly lastMs?: number;
}

interface Standing extends Why {
  readonly phase: Phase;
  readonly sinceMs: number;
}

/** What people asked for, until the main loop acts on it. */
interface Wishes {
  cancelled: boolean;
  stopped: boolean;
  /** Counts `redialNow` and `reschedule`, each of which ends the present wait. */
  wakes: number;
  resolution: Resolution | undefined;
}

/** When a ring is wanted at all; moved by `redialNow` and `reschedule`. */
interface Limits {
  notBeforeMs: number | undefined;
  expiresAtMs: number | undefined;
}

const CALL_PHASES: readonly Phase[] = ['queued', 'ringing', 'in_progress'];

/** Everything a run knows of its conversation. Handlers record here; the main loop acts on it. */
export type Conversation = ReturnType<typeof openConversation>;

export function openConversation() {
  const { workflowId } = workflowInfo();
  let attempts: readonly Attempt[] = [newAttempt(1)];
  let standing: Standing = {
    phase: 'placing',
    sinceMs: Date.now(),
    because: 'The input is being checked.',
  };
  let plan: CallPlan | undefined;
  let outcome: Outcome | undefined;
  let ignored = 0;
  let wakesSeen = 0;
  const wishes: Wishes = { cancelled: false, stopped: false, wakes: 0, resolution: undefined };
  const limits: Limits = { notBeforeMs: undefined, expiresAtMs: undefined };

  const conversation = {
    wishes,
    limits,
    /** While the main loop checks what a person said of an unclear call. */
    isResolving: false,
    /** Requests to Truedy for how the call stands; those of a poll that was cut short are not among them. */
    reads: 0,

    /** Whether the main loop has acted on every wake so far. */
    get isAwake(): boolean {
      return wakesSeen === wishes.wakes;
    },

    begin(checked: CallPlan): void {
      plan = checked;
      limits.notBeforeMs = checked.notBeforeMs;
      limits.expiresAtMs = checked.expiresAtMs;
    },

    /** The settings. Nothing asks for them before the input has been checked. */
    get plan(): CallPlan {
      if (plan === undefined) throw new Error('The input has not been checked yet');
      return plan;
    },

    /** The attempt at hand: the last one. */
    get attempt(): Attempt {
      return attempts.at(-1) ?? newAttempt(1);
    },

    get attempts(): readonly Attempt[] {
      return attempts;
    },

    get phase(): Phase {
      return standing.phase;
    },

    get nextAtMs(): number | undefined {
      return standing.nextAtMs;
    },

    /** Whether no further attempt is wanted. */
    get isOver(): boolean {
      return wishes.cancelled || wishes.stopped;
    },

    update(attempt: Attempt): void {
      attempts = attempts.map((known) => (known.number === attempt.number ? attempt : known));
      const phase = phaseOf(conversation.attempt.record.status);
      if (CALL_PHASES.includes(standing.phase) && phase !== standing.phase) {
        standing = { ...standing, phase, sinceMs: Date.now() };
      }
      conversation.show();
    },

    nextAttempt(): void {
      attempts = [...attempts, newAttempt(attempts.length + 1)];
    },

    /** Folds a delivery into the attempt it is about. What fits nothing is ignored, counted and logged. */
    receive(sent: unknown): void {
      const event = toCallEvent(sent);
      const about = event && attempts.find((attempt) => isAbout(attempt, event));
      if (event === undefined || about === undefined) {
        ignored += 1;
        const callId = event?.ids[0];
        log.warn('An event fits no attempt of this run', { event: event?.event, callId, ignored });
        return;
      }
      const heard = hear(about, event, Date.now());
      for (const flag of heard.flags.filter((known) => !about.flags.includes(known))) {
        log.warn(flag, { attempt: about.number });
      }
      conversation.update(heard);
    },

    /**
     * For a person to know; nothing is decided by it.
     *
     * @param logged What the log says instead, where the text is not ours: it can name a person.
     */
    note(text: string, logged = text): void {
      log.warn(logged, { attempt: conversation.attempt.number });
      conversation.update(withNote(conversation.attempt, text));
    },

    /** For a person to look at: nothing rings again by itself. */
    flag(text: string): void {
      log.warn(text, { attempt: conversation.attempt.number });
      conversation.update(withFlag(conversation.attempt, text));
    },

    /** The main loop's word on where it stands now; whoever sent an update is answered with it. */
    enter(phase: Phase, why: Why): void {
      const sinceMs = standing.phase === phase ? standing.sinceMs : Date.now();
      standing = { phase, sinceMs, ...why };
      wakesSeen = wishes.wakes;
      conversation.show();
    },

    /** The same as `enter`, for a wait so long that lists should show it. */
    enterLongWait(phase: Phase, why: Why): void {
      const isNew = standing.phase !== phase;
      conversation.enter(phase, why);
      if (isNew) conversation.announce();
    },

    /** The call exists: from here on the phase follows the call's own progress. */
    enterCall(why: Why): void {
      conversation.enter(phaseOf(conversation.attempt.record.status), why);
    },

    /** Temporal's own cancellation. */
    cancel(): void {
      wishes.cancelled = true;
      conversation.show();
    },

    /** Whoever still waits for an answer gets it: the run is about to close. */
    leave(): void {
      wakesSeen = wishes.wakes;
      wishes.resolution = undefined;
      conversation.isResolving = false;
    },

    /** The run closes with a failure, which says by itself what has to be repaired. */
    fail(): void {
      conversation.enter('ended', {
        title: 'the run failed',
        because: 'The run failed: somebody has to repair what its failure says.',
      });
      conversation.announce();
    },

    end(how: Outcome): void {
      outcome = how;
      conversation.enter('ended', { title: how, because: `The conversation ended: ${how}.` });
      conversation.announce();
    },

    /** Search attributes, where the worker found that the namespace knows them. */
    announce(): void {
      if (plan === undefined || !plan.searchAttributes) return;
      const { ids, number } = conversation.attempt;
      const campaign = plan.labels['campaign'];
      upsertSearchAttributes([
        { key: TRUEDY_PHASE, value: standing.phase },
        { key: TRUEDY_ATTEMPT, value: number },
        { key: TRUEDY_AGENT_ID, value: plan.call.agent_id },
        ...(campaign === undefined ? [] : [{ key: TRUEDY_CAMPAIGN, value: campaign }]),
        ...(ids.length === 0 ? [] : [{ key: TRUEDY_CALL_ID, value: [...ids] }]),
        ...(outcome === undefined ? [] : [{ key: TRUEDY_OUTCOME, value: outcome }]),
      ]);
    },

    /** The updates that would be taken now. */
    can(): readonly Step[] {
      return stepsIn(standing.phase, conversation.isOver);
    },

    view(): CallView {
      const { attempt } = conversation;
      const callId = callIdOf(attempt);
      return {
        workflowId,
        phase: standing.phase,
        since: new Date(standing.sinceMs).toISOString(),
        because: standing.because,
        attempt: attempt.number,
        ...(standing.nextAtMs !== undefined && {
          nextAt: new Date(standing.nextAtMs).toISOString(),
        }),
        ...(callId !== undefined && { callId }),
        ...(outcome !== undefined && { outcome }),
        attempts: conversation.reports(),
        can: conversation.can(),
      };
    },

    /** The attempts of which a byte may have left. */
    reports() {
      return attempts.filter((one) => one.sent || one.placedBy !== undefined).map(toReport);
    },

    show(): void {
      if (plan === undefined) return;
      const { flags, notes } = conversation.attempt;
      const lastMs = standing.lastMs ?? limits.expiresAtMs;
      setCurrentDetails(
        details(
          {
            view: conversation.view(),
            plan,
            flags,
            notes,
            isOver: conversation.isOver,
            ...(standing.title !== undefined && { title: standing.title }),
            ...(standing.nextThere !== undefined && { nextThere: standing.nextThere }),
            ...(lastMs !== undefined && { lastMs }),
          },
          Date.now(),
        ),
      );
    },
  };
  return conversation;
}

/** Waits until the instant, or until the conversation changes in a way that the caller looks for. */
export async function waitUntil(
  atMs: number,
  changed: () => boolean,
  summary: string,
): Promise<void> {
  // `condition` would take a timer of 0 for none at all.
  await condition(changed, Math.max(1, Math.ceil(atMs - Date.now())), { summary });
}
