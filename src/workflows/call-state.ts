import { condition, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import {
  callIdOf,
  isPlaced,
  isSuspected,
  newAttempt,
  newFlags,
  phaseOf,
  toReport,
  withFlag,
  withNote,
  type Attempt,
} from '../call/attempt';
import { hearAll } from '../call/learn';
import { details } from '../call/text/current-details';
import { FLAGS, type Flag } from '../call/flags';
import type { CallView, Phase, Step } from '../call/api-types';
import { toNews } from '../call/call-event';
import type { Outcome } from '../call/outcome';
import type { CallPlan } from '../call/plan';
import { stepsIn } from '../call/phase';
import { announce } from './announce';
import { currentMs, hasPassed } from './clock';
import { countFlag } from './metrics';
import type { Inbox } from './inbox';
import type { Placing } from './place';
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
  /** What people say of the attempt at hand; only while that is unclear. */
  inbox: Inbox | undefined;
}

/** When a ring is wanted at all; moved by `redialNow` and `reschedule`. */
interface Limits {
  notBeforeMs: number | undefined;
  expiresAtMs: number | undefined;
}

/** What a run that has grown too long hands to the one that goes on in its place. */
export interface Carried {
  readonly plan: CallPlan;
  readonly attempts: readonly Attempt[];
  readonly limits: { readonly notBeforeMs?: number; readonly expiresAtMs?: number };
  readonly reads: number;
  readonly placing: Placing;
}

const CALL_PHASES: readonly Phase[] = ['queued', 'ringing', 'in_progress'];

/** Everything a run knows of its conversation. Handlers record here; the main loop acts on it. */
export type OpenConversation = ReturnType<typeof openConversation>;

/** The conversation once its input has been checked: what the main loop works on. */
export type Conversation = OpenConversation & { readonly plan: CallPlan };

/** @param carried What the run before this one knew, where there was one. */
export function openConversation(carried?: Carried) {
  const { workflowId } = workflowInfo();
  let attempts: readonly Attempt[] = carried?.attempts ?? [newAttempt(1)];
  let standing: Standing = {
    phase: 'placing',
    sinceMs: currentMs(),
    because: 'The input is being checked.',
  };
  let plan: CallPlan | undefined;
  let outcome: Outcome | undefined;
  let ignored = 0;
  const early: unknown[] = [];
  let wakesSeen = 0;
  const wishes: Wishes = { cancelled: false, stopped: false, wakes: 0, inbox: undefined };
  const limits: Limits = {
    notBeforeMs: carried?.limits.notBeforeMs,
    expiresAtMs: carried?.limits.expiresAtMs,
  };

  const conversation = {
    wishes,
    limits,
    /** Requests to Truedy for how the call stands; those of a poll that was cut short are not among them. */
    reads: carried?.reads ?? 0,

    /** Whether the main loop has acted on every wake so far. */
    get isAwake(): boolean {
      return wakesSeen === wishes.wakes;
    },

    /** The input has been checked; a carried conversation keeps the limits that people have moved. */
    begin(checked: CallPlan): void {
      plan = checked;
      if (carried === undefined) {
        limits.notBeforeMs = checked.notBeforeMs;
        limits.expiresAtMs = checked.expiresAtMs;
      }
      for (const sent of early.splice(0)) conversation.receive(sent);
    },

    /** For a run that goes on in the place of this one; nothing is under way, and nobody waits for an answer. */
    carry(of: CallPlan, placing: Placing): Carried {
      const { notBeforeMs, expiresAtMs } = limits;
      return {
        plan: of,
        attempts,
        limits: {
          ...(notBeforeMs !== undefined && { notBeforeMs }),
          ...(expiresAtMs !== undefined && { expiresAtMs }),
        },
        reads: conversation.reads,
        placing,
      };
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

    /** Whether the call of the attempt at hand exists, or may exist by what deliveries report. */
    get isKnown(): boolean {
      return isPlaced(conversation.attempt) || isSuspected(conversation.attempt);
    },

    /** Whether a person should look at any attempt first: no further one is dialed. */
    get isFlagged(): boolean {
      return attempts.some(({ flags }) => flags.length > 0);
    },

    update(attempt: Attempt): void {
      conversation.replace(
        attempts.map((known) => (known.number === attempt.number ? attempt : known)),
      );
    },

    replace(next: readonly Attempt[]): void {
      for (const { attempt, flag } of newFlags(attempts, next)) {
        log.warn(FLAGS[flag], { attempt, flag });
        countFlag(flag);
      }
      attempts = next;
      const phase = phaseOf(conversation.attempt.record.status);
      if (CALL_PHASES.includes(standing.phase) && phase !== standing.phase) {
        standing = { ...standing, phase, sinceMs: currentMs() };
      }
      conversation.show();
    },

    nextAttempt(): void {
      attempts = [...attempts, newAttempt(attempts.length + 1)];
    },

    /** Folds a delivery into the attempt it is about. What fits nothing is ignored, counted and logged. */
    receive(sent: unknown): void {
      // Only with the plan can it be compared with our number.
      if (plan === undefined) {
        early.push(sent);
        return;
      }
      const event = toNews(sent, plan.numberDigest);
      const heard = event && hearAll(attempts, event, currentMs());
      if (event === undefined || heard === undefined) {
        ignored += 1;
        const callId = event?.ids[0];
        log.warn('An event fits no attempt of this run', { event: event?.event, callId, ignored });
        return;
      }
      conversation.replace(heard);
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

    /** For a person to look at: no further attempt is dialed. */
    flag(flag: Flag): void {
      conversation.update(withFlag(conversation.attempt, flag));
    },

    /** The main loop's word on where it stands now; whoever sent an update is answered with it. */
    enter(phase: Phase, why: Why): void {
      const sinceMs = standing.phase === phase ? standing.sinceMs : currentMs();
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

    announce(): void {
      if (plan !== undefined)
        announce(plan, { phase: standing.phase, outcome }, conversation.attempt);
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
      return attempts
        .filter((one) => one.sent || isPlaced(one) || one.outcome !== undefined)
        .map(toReport);
    },

    show(): void {
      if (plan === undefined) return;
      const { notes } = conversation.attempt;
      const lastMs = standing.lastMs ?? limits.expiresAtMs;
      setCurrentDetails(
        details(
          {
            view: conversation.view(),
            plan,
            notes,
            isOver: conversation.isOver,
            ...(standing.title !== undefined && { title: standing.title }),
            ...(standing.nextThere !== undefined && { nextThere: standing.nextThere }),
            ...(lastMs !== undefined && { lastMs }),
          },
          currentMs(),
        ),
      );
    },
  };
  return conversation;
}

/** The conversation from the moment its input has been checked. */
export function begin(talk: OpenConversation, plan: CallPlan): Conversation {
  talk.begin(plan);
  return Object.assign(talk, { plan });
}

/** Waits until the instant, or until the conversation changes in a way that the caller looks for. */
export async function waitUntil(
  atMs: number,
  changed: () => boolean,
  summary: string,
): Promise<void> {
  // `condition` would take a timer of 0 for none at all.
  const waitMs = Math.max(1, Math.ceil(atMs - currentMs()));
  if (!(await condition(changed, waitMs, { summary }))) hasPassed(atMs);
}
