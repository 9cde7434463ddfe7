import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import type { MayDial } from '../../src/activities';
import type { CallRecord } from '../../src/call/call-record';
import type { TruedyClient } from '../../src/truedy/client';
import type { TruedyCall } from '../../src/truedy/truedy-call';
import {
  TruedyNetworkError,
  TruedyNotSentError,
  TruedyResponseError,
} from '../../src/truedy/errors';
import { shownCall } from '../support/scripted-vendor';
import {
  ANSWERS_THAT_PROVE_NOTHING,
  DEFERRED_STATUS,
  planOf,
  type Answer,
  type AttemptPlan,
  type EndKind,
  type Moment,
  type Story,
} from './story';

/** A request that reached Truedy, and what its answer proves. */
export interface Send {
  readonly attempt: number;
  readonly body: string;
  /** When the client received the request. */
  readonly handedMs: number;
  readonly atMs: number;
  readonly proves: 'placed' | 'nothing' | 'refused' | 'deferred';
  answeredMs: number;
}

/** A phone that was dialed: what really happened, regardless of what the API shows. */
export interface Dial {
  readonly attempt: number;
  readonly ids: { readonly own: string; readonly carrier: string; readonly twin: string | null };
  readonly atMs: number;
  /** When a person or a machine answered. */
  readonly joinedMs: number | null;
  readonly endedMs: number;
  readonly end: EndKind;
  readonly failsBy: AttemptPlan['failsBy'];
}

/** The state of a call in a report: its progress, or how it ended. */
export type Look = 'queued' | 'ringing' | 'in_progress' | EndKind;

export interface Seen {
  readonly attempt: number;
  readonly look: Look;
  readonly atMs: number;
}

/** Truedy's side of one run, and everything that happened there. */
export interface Line {
  readonly story: Story;
  readonly workflowId: string;
  readonly number: string;
  /** The attempt of each request that the client received. Some requests were never sent. */
  readonly tries: number[];
  readonly sends: Send[];
  readonly dials: Dial[];
  readonly seen: Seen[];
  readonly checks: { readonly attempt: number; readonly atMs: number; readonly yes: boolean }[];
  /** A call to another person. */
  readonly foreignCallId: string;
  /** A call to this person by another run. */
  readonly otherCallId: string;
  counts: { reads: number; lists: number };
  /** Performs the scenes of a moment. Resolves once they are done. */
  at: (moment: Moment, attempt: number) => Promise<void>;
  onDial: (dial: Dial) => void;
}

const LATE_MS = 600;
/** How long a false report of a failure lasts. Shorter than the shortest `settle`. */
const FALSE_FAILURE_MS = 800;
/** How often Truedy defers a request before it accepts it. */
const DEFERRALS = 2;

export function createLine(story: Story, workflowId: string, number: string): Line {
  return {
    story,
    workflowId,
    number,
    tries: [],
    sends: [],
    dials: [],
    seen: [],
    checks: [],
    foreignCallId: `call_${randomUUID()}`,
    otherCallId: `call_${randomUUID()}`,
    counts: { reads: 0, lists: 0 },
    at: async () => undefined,
    onDial: () => undefined,
  };
}

/** A Truedy for many concurrent runs, each with its own story. The calling activity identifies the run. */
export function createVendor() {
  const lines = new Map<string, Line>();

  const lineOf = (workflowId: string): Line => {
    const line = lines.get(workflowId);
    if (line === undefined) throw new Error('A run without a story called Truedy');
    return line;
  };
  const currentLine = () => lineOf(activityInfo().workflowExecution?.workflowId ?? '');

  const client: TruedyClient = {
    async placeCall({ body }, _replyMs, beforeSend) {
      const line = currentLine();
      const { variables } = JSON.parse(body) as { variables: { temporal_ref: string } };
      const attempt = attemptOf(variables.temporal_ref);
      const plan = planOf(line.story, attempt);
      line.tries.push(attempt);
      const tries = line.tries.filter((one) => one === attempt).length;
      const answer = answerTo(plan.answer, tries);
      const handedMs = Date.now();
      if (tries === 1) await sleep(plan.connectMs);
      await line.at('connecting', attempt);
      if (answer.kind === 'not sent') throw notSent();
      if (!(await beforeSend())) throw new TruedyNotSentError('POST /calls', 'was withdrawn');
      return receive(line, plan, { attempt, body, answer, handedMs });
    },

    async readCall(callId) {
      const line = currentLine();
      line.counts.reads += 1;
      const { reads } = line.counts;
      const dial = line.dials.find(({ ids }) => ids.own === callId || ids.twin === callId);
      const plan = planOf(line.story, dial?.attempt ?? 1);
      await line.at(
        reads === 1 ? 'reading' : 'reading again',
        dial?.attempt ?? currentAttempt(line),
      );
      if (callId === line.foreignCallId) return strangeCall(callId, OTHER_NUMBER);
      if (callId === line.otherCallId) return strangeCall(callId, line.number);
      if (plan.reads === 'errors first' && reads <= 3) throw errorResponse('GET /calls/…', 503);
      const isMissing = plan.reads === 'missing first' && reads <= 2;
      if (dial === undefined || isMissing) throw errorResponse('GET /calls/…', 404);
      const look = lookOf(line, plan, dial);
      line.seen.push({ attempt: dial.attempt, look, atMs: Date.now() });
      return show(line, plan, dial, { look, callId });
    },

    async listCalls({ limit, offset }) {
      const line = currentLine();
      line.counts.lists += 1;
      const attempt = currentAttempt(line);
      const { listing } = planOf(line.story, attempt);
      await line.at('listing', attempt);
      if (line.counts.lists <= listing.errorsFirst) throw errorResponse('GET /calls', 503);
      return rowsOf(line, listing.order).slice(offset, offset + Math.min(limit, listing.pageRows));
    },
  };

  const mayDial: MayDial = async ({ attempt }) => {
    const line = currentLine();
    const isFirst = line.checks.every((check) => check.attempt !== attempt);
    await line.at('checking', attempt);
    const { dialCheck } = planOf(line.story, attempt);
    const yes = dialCheck === 'yes' || dialCheck === 'slow' || (dialCheck !== 'no' && !isFirst);
    if (dialCheck === 'slow') await sleep(1_500);
    line.checks.push({ attempt, atMs: Date.now(), yes });
    if (yes) return 'yes';
    if (dialCheck === 'no') return { no: 'opted out' };
    if (dialCheck === 'not yet') return { notBefore: new Date(Date.now() + 500).toISOString() };
    throw new Error('the dial check is down');
  };

  return { client, mayDial, lines };
}

/** The record of a call in this state. */
export function recordOf(
  look: Look,
  dial: Pick<Dial, 'atMs' | 'joinedMs' | 'endedMs' | 'failsBy'>,
): Partial<CallRecord> {
  const at = (ms: number) => new Date(ms).toISOString();
  const status = STATUSES[look] ?? 'ended';
  const ended = { status, ended_at: at(dial.endedMs) } satisfies Partial<CallRecord>;
  const started = { started_at: at(dial.joinedMs ?? dial.atMs) };
  switch (look) {
    case 'queued':
    case 'ringing':
    case 'in_progress':
      return { status };
    case 'talk':
      return { ...ended, ...started, outcome: 'answered', duration_seconds: 42 };
    case 'voicemail':
      return { ...ended, ...started, outcome: look, duration_seconds: 5 };
    case 'no_answer':
    case 'busy':
      return { ...ended, outcome: look, duration_seconds: 0 };
    case 'failed':
      return dial.failsBy === 'word' ? { ...ended, outcome: 'failed' } : ended;
    case 'short':
      return ended;
  }
}

// --- internal ---

const STATUSES: Partial<Record<Look, 'queued' | 'ringing' | 'in_progress' | 'failed'>> = {
  queued: 'queued',
  ringing: 'ringing',
  in_progress: 'in_progress',
  failed: 'failed',
};

async function receive(
  line: Line,
  plan: AttemptPlan,
  {
    attempt,
    body,
    answer,
    handedMs,
  }: { attempt: number; body: string; answer: Answer; handedMs: number },
): Promise<TruedyCall> {
  const atMs = Date.now();
  const proves = proofOf(answer);
  const send: Send = { attempt, body, handedMs, atMs, proves, answeredMs: Infinity };
  line.sends.push(send);
  let dial: Dial | undefined;
  if (answer.dials === 'immediately') dial = dialPhone(line, plan, attempt);
  if (answer.dials === 'late') setTimeout(() => dialPhone(line, plan, attempt), LATE_MS);
  await line.at('answering', attempt);
  await sleep(answer.afterMs);
  send.answeredMs = Date.now();
  void line.at('answered', attempt);
  if (dial !== undefined && answer.kind === 'placed') {
    return show(line, plan, dial, { look: 'queued', callId: dial.ids.own });
  }
  if (dial !== undefined && answer.kind === 'says failed') {
    return show(line, plan, dial, { look: 'failed', callId: dial.ids.own });
  }
  if (answer.kind === 'cut') throw new TruedyNetworkError('POST /calls', 'was cut', true);
  if (answer.kind === 'no such call') {
    throw new TruedyResponseError('POST /calls', 404, { namesCall: true });
  }
  const retryAtMs = answer.kind === DEFERRED_STATUS ? Date.now() + 300 : undefined;
  const code = answer.code ?? undefined;
  throw new TruedyResponseError('POST /calls', Number(answer.kind), { retryAtMs, code });
}

function dialPhone(line: Line, plan: AttemptPlan, attempt: number): Dial {
  const atMs = Date.now();
  const endedMs = atMs + plan.endsAfterMs;
  const isAnswered = plan.end === 'talk' || plan.end === 'voicemail' || plan.end === 'short';
  const dial: Dial = {
    attempt,
    ids: {
      own: `call_${randomUUID()}`,
      carrier: `uv_${randomUUID()}`,
      twin: plan.listing.twin ? `call_${randomUUID()}` : null,
    },
    atMs,
    joinedMs: isAnswered ? atMs + plan.endsAfterMs / 2 : null,
    endedMs,
    end: plan.end,
    failsBy: plan.failsBy,
  };
  line.dials.push(dial);
  line.onDial(dial);
  return dial;
}

function lookOf(line: Line, plan: AttemptPlan, dial: Dial): Look {
  const nowMs = Date.now();
  const { answer, reads } = plan;
  const isFalseFailure = answer.kind === 'says failed' || reads === 'failed first';
  const sentMs = line.sends.findLast(({ attempt }) => attempt === dial.attempt)?.atMs ?? dial.atMs;
  if (isFalseFailure && nowMs < sentMs + FALSE_FAILURE_MS) return 'failed';
  if (nowMs >= dial.endedMs) return dial.end;
  return dial.joinedMs !== null && nowMs >= dial.joinedMs ? 'in_progress' : 'ringing';
}

function show(
  line: Line,
  plan: AttemptPlan,
  dial: Dial,
  { look, callId }: { look: Look; callId: string },
): TruedyCall {
  const createdMs = dial.atMs + plan.listing.clockMs + (callId === dial.ids.twin ? 5 : 0);
  return shownCall(callId, {
    phoneNumber: shownNumber(line.number, plan.number),
    reference: plan.showsReference ? referenceOf(line, dial.attempt) : null,
    otherIds: callId === dial.ids.own ? [dial.ids.carrier] : [],
    record: { ...recordOf(look, dial), created_at: new Date(createdMs).toISOString() },
  });
}

function rowsOf(line: Line, order: 'newest' | 'oldest'): readonly TruedyCall[] {
  const rows = line.dials.flatMap((dial) => {
    const plan = planOf(line.story, dial.attempt);
    const { listing } = plan;
    if (listing.hidden || Date.now() < dial.atMs + listing.lagMs) return [];
    const ids = [dial.ids.own, ...(dial.ids.twin === null ? [] : [dial.ids.twin])];
    const ours = ids.map((callId) => {
      const row = show(line, plan, dial, { look: lookOf(line, plan, dial), callId });
      return listing.number === 'ours' ? row : { ...row, phoneNumber: OTHER_NUMBER };
    });
    const later = Array.from({ length: listing.laterRows }, (_, index) =>
      rowOfOthers(dial.atMs + listing.clockMs + 10 * (index + 1)),
    );
    return [...ours, ...later];
  });
  const createdMs = ({ record }: TruedyCall) => Date.parse(record.created_at ?? '');
  const sorted = [...rows, rowOfOthers(Date.now() - 3_600_000)].sort(
    (one, other) => createdMs(other) - createdMs(one),
  );
  return order === 'newest' ? sorted : sorted.reverse();
}

const OTHER_NUMBER = '+14155550198';

function rowOfOthers(createdMs: number): TruedyCall {
  return shownCall(`call_${randomUUID()}`, {
    phoneNumber: OTHER_NUMBER,
    record: { status: 'ended', created_at: new Date(createdMs).toISOString() },
  });
}

function strangeCall(callId: string, number: string): TruedyCall {
  return shownCall(callId, {
    phoneNumber: number,
    reference: 'default/call/another#1',
    record: { status: 'ended', outcome: 'answered', duration_seconds: 42 },
  });
}

function shownNumber(number: string, as: AttemptPlan['number']): string {
  if (as === 'masked') return `${number.slice(0, 2)}•••${number.slice(-2)}`;
  return as === 'ours' ? number : number.slice(1);
}

/** The planned answer. A temporary problem ends after a few tries. */
function answerTo(answer: Answer, tries: number): Answer {
  const isTemporary = answer.kind === 'not sent' || answer.kind === DEFERRED_STATUS;
  if (!isTemporary || tries <= DEFERRALS) return answer;
  return { ...answer, kind: 'placed', dials: 'immediately' };
}

function proofOf({ kind }: Answer): Send['proves'] {
  if (kind === 'placed' || kind === 'says failed') return 'placed';
  if (ANSWERS_THAT_PROVE_NOTHING.has(kind)) return 'nothing';
  return kind === DEFERRED_STATUS ? 'deferred' : 'refused';
}

/** The reference as documented in the README: namespace, workflow id and attempt. */
export function referenceOf(line: Line, attempt: number): string {
  return `default/${line.workflowId}#${attempt}`;
}

function currentAttempt(line: Line): number {
  return line.sends.at(-1)?.attempt ?? 1;
}

function attemptOf(reference: string): number {
  return Number(/#(\d+)$/.exec(reference)?.[1]);
}

function notSent(): Error {
  return new TruedyNetworkError('POST /calls', 'could not connect', false);
}

function errorResponse(request: string, status: number): Error {
  return new TruedyResponseError(request, status);
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
