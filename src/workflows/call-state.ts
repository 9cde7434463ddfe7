import { log } from '@temporalio/workflow';
import {
  isPlaced,
  isSuspected,
  newAttempt,
  phaseOf,
  withFlag,
  withNote,
  type Attempt,
} from '../call/attempt';
import { applyEventToAttempts } from '../call/apply-evidence';
import type { Flag } from '../call/api-types';
import { readEvent } from '../call/call-event';
import { flagOptOut } from '../call/contact/opt-out-words';
import type { CallPlan } from '../call/plan';
import { allowedUpdates, LIVE_PHASES, type Phase, type UpdateName } from '../call/phase';
import type { CarriedState, Limits, PlacingState } from './carried-state';
import { currentMs } from './clock';
import { ContactAsks } from './contact/contact-asks';
import { openInbox, type Inbox } from './inbox';
import { reportFlags } from './metrics';
import {
  showDetails,
  writeSearchAttributes,
  type PhaseReason,
  type PhaseState,
} from './projection';

/** The state of a call whose input is valid: what the main loop works on. */
export type PlannedCall = CallState & { readonly plan: CallPlan };

/** The state of one run. Handlers record in it; the main loop acts on it. */
export class CallState {
  /** Absent until the input has been validated. */
  readonly plan?: CallPlan;
  readonly contact: ContactAsks;
  /** Requests of operators. `wakeups` counts `redialNow` and `reschedule`, which end the current wait. */
  readonly #requests = { cancelled: false, stopped: false, wakeups: 0 };
  /** Signals that arrived before the plan. */
  readonly #earlyEvents: unknown[] = [];
  #attempts: readonly Attempt[];
  #limits: Limits | undefined;
  #phaseState: PhaseState = { phase: 'placing', sinceMs: currentMs(), because: 'Checking input.' };
  #reads: number;
  #ignoredEvents = 0;
  #handledWakeups = 0;
  #inbox: Inbox | undefined;

  /** @param carried The state of the previous run, if this run continues one. */
  constructor(carried?: CarriedState) {
    this.#attempts = carried?.attempts ?? [newAttempt(1)];
    this.#limits = carried?.limits;
    this.#reads = carried?.reads ?? 0;
    this.contact = new ContactAsks(carried?.contactAsks);
  }

  /** Sets the plan and applies the signals that came before it. A run that continues another keeps its limits. */
  begin(plan: CallPlan): PlannedCall {
    const planned = Object.assign(this, { plan });
    this.#limits ??= { notBeforeMs: plan.notBeforeMs, expiresAtMs: plan.expiresAtMs };
    for (const sent of this.#earlyEvents.splice(0)) this.receiveEvent(sent);
    return planned;
  }

  /** The state for the next run. Must not be called while an activity or an update is pending. */
  toCarried(plan: CallPlan, placing: PlacingState): CarriedState {
    return { plan, attempts: this.#attempts, limits: this.limits, reads: this.#reads, placing };
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /** The current attempt: the last one. */
  get attempt(): Attempt {
    return this.#attempts.at(-1) ?? newAttempt(1);
  }

  get hasEnded(): boolean {
    return this.attempt.outcome !== undefined;
  }

  /** Whether the call of the current attempt exists, or deliveries report that it may. */
  get mayExist(): boolean {
    return isPlaced(this.attempt) || isSuspected(this.attempt);
  }

  /** Whether any attempt needs an operator's attention. If so, nothing more is dialed. */
  get isFlagged(): boolean {
    return this.#attempts.some(({ flags }) => flags.length > 0);
  }

  /** Whether a stop or a cancellation was requested. A call may still be live. */
  get noMoreAttempts(): boolean {
    return this.#requests.cancelled || this.#requests.stopped;
  }

  get isCancelRequested(): boolean {
    return this.#requests.cancelled;
  }

  /** Whether the main loop has acted on every `redialNow` and `reschedule` so far. */
  get hasHandledWakeups(): boolean {
    return this.#handledWakeups === this.#requests.wakeups;
  }

  get limits(): Limits {
    return this.#limits ?? {};
  }

  get phaseState(): PhaseState {
    return this.#phaseState;
  }

  get phase(): Phase {
    return this.#phaseState.phase;
  }

  get allowedUpdates(): readonly UpdateName[] {
    return allowedUpdates(this.phase, this.noMoreAttempts);
  }

  /** Reads of the call, for the metric. A poll that was interrupted does not report its reads. */
  get reads(): number {
    return this.#reads;
  }

  /** Open while an attempt is unclear; receives the resolutions of operators. */
  get inbox(): Inbox | undefined {
    return this.#inbox;
  }

  // --- what handlers record ---

  /** Applies a delivery to the attempt it is about. Ignores, counts and logs one that matches no attempt. */
  receiveEvent(sent: unknown): void {
    // Whether an event is about this call also depends on the phone number, which is in the plan.
    if (this.plan === undefined) {
      this.#earlyEvents.push(sent);
      return;
    }
    const event = readEvent(sent, this.plan.numberDigest);
    const attempts = event && applyEventToAttempts(this.#attempts, event, currentMs());
    if (attempts === undefined) {
      this.#ignoredEvents += 1;
      const fields = { event: event?.event, callId: event?.ids[0], ignored: this.#ignoredEvents };
      log.warn('Ignored an event that matches no attempt of this run', fields);
      return;
    }
    this.#replaceAttempts(attempts);
  }

  requestCancel(): void {
    this.#requests.cancelled = true;
    showDetails(this);
  }

  requestStop(): void {
    this.#requests.stopped = true;
    // The reason may contain personal data: it stays in history and out of the log.
    log.info('Stop requested: no further attempts', { attempt: this.attempt.number });
    showDetails(this);
  }

  /** Changes the limits and ends the current wait. */
  requestWakeup(limits: Limits): void {
    this.#limits = { ...this.limits, ...limits };
    this.#requests.wakeups += 1;
  }

  // --- what the main loop does ---

  enterPhase(phase: Phase, reason: PhaseReason): void {
    const sinceMs = this.phase === phase ? this.#phaseState.sinceMs : currentMs();
    this.#phaseState = { phase, sinceMs, ...reason };
    // Pending update handlers return after this.
    this.#handledWakeups = this.#requests.wakeups;
    showDetails(this);
  }

  /** Like `enterPhase`, for a wait that is long enough to show in lists. */
  enterLongWait(phase: Phase, reason: PhaseReason): void {
    const isNew = this.phase !== phase;
    this.enterPhase(phase, reason);
    if (isNew) writeSearchAttributes(this);
  }

  /** Enters the phase of the placed call. From here on the phase follows the status of the call. */
  enterCall(reason: PhaseReason): void {
    this.enterPhase(phaseOf(this.attempt.record.status), reason);
  }

  enterEnd(reason: PhaseReason): void {
    this.enterPhase('ended', reason);
    writeSearchAttributes(this);
  }

  /** Releases pending update handlers so that the workflow can complete. */
  releaseUpdates(): void {
    this.#handledWakeups = this.#requests.wakeups;
  }

  startNextAttempt(): void {
    this.#attempts = [...this.#attempts, newAttempt(this.#attempts.length + 1)];
  }

  updateAttempt(attempt: Attempt): void {
    this.#replaceAttempts(
      this.#attempts.map((known) => (known.number === attempt.number ? attempt : known)),
    );
  }

  /** Flags the current attempt for an operator: no further attempt is dialed. */
  addFlag(flag: Flag): void {
    this.updateAttempt(withFlag(this.attempt, flag));
  }

  /**
   * Adds a note for operators to the current attempt. Notes decide nothing.
   *
   * @param logged Logged instead of `text` if that comes from outside and may name a person.
   */
  addNote(text: string, logged = text): void {
    log.warn(logged, { attempt: this.attempt.number });
    this.updateAttempt(withNote(this.attempt, text));
  }

  /** Moves `notBefore` to this instant, unless it is later already. */
  delayUntil(atMs: number): void {
    this.#limits = { ...this.limits, notBeforeMs: Math.max(atMs, this.limits.notBeforeMs ?? 0) };
  }

  countReads(reads: number): void {
    this.#reads += reads;
  }

  /** Accepts `resolve` until `closeInbox`. */
  openInbox(): Inbox {
    this.#inbox = openInbox();
    return this.#inbox;
  }

  closeInbox(): void {
    this.#inbox?.close();
    this.#inbox = undefined;
  }

  #replaceAttempts(attempts: readonly Attempt[]): void {
    const flagged = attempts.map((one) => flagOptOut(one, this.plan?.optOutOutcomes));
    reportFlags(this.#attempts, flagged);
    this.#attempts = flagged;
    const phase = phaseOf(this.attempt.record.status);
    if (LIVE_PHASES.includes(this.phase) && phase !== this.phase) {
      this.#phaseState = { ...this.#phaseState, phase, sinceMs: currentMs() };
    }
    showDetails(this);
  }
}
