import { maskNumber, maskNumbers } from '../../src/call/text/masking';
import { numberOf } from './conversation';
import { planOf } from './evidence';
import type { Case } from './facts';
import type { Judged } from './run';

/** The story of a call that broke a promise: what was drawn, and what happened, in order. */
export function storyOf({ facts, violations }: Judged): string {
  const { index, workflowId, drawn } = facts;
  const lines = [
    `${workflowId}  ${maskNumber(numberOf(drawn.person ?? index))}`,
    ...violations.map(({ category, text }) => `  ${category.toUpperCase()}  ${text}`),
    `  drawn     ${JSON.stringify({ ...drawn, posts: undefined })}`,
    ...postsDrawn(facts).map((plan, place) => `  POST ${place + 1}    ${JSON.stringify(plan)}`),
    ...timeline(facts).map(({ atMs, text }) => `  ${seconds(atMs - facts.startedMs)}  ${text}`),
  ];
  return maskNumbers(lines.join('\n'));
}

/** What happened to a call, in order. */
export function timeline(facts: Case) {
  const {
    posts,
    dials,
    truths,
    deliveries,
    reads,
    actions,
    incidents,
    runEnds,
    history,
    openAtMs,
    openAs,
  } = facts;
  const found = [
    ...posts.map(({ atMs, ref, status, fault, seq }) => ({
      atMs,
      text: `POST ${seq} of ${tail(ref)}: ${status ?? 'no answer'}${fault === undefined ? '' : ` (${fault})`}`,
    })),
    ...dials.map(({ atMs, ref, callId, postNo }) => ({
      atMs,
      text: `DIAL of ${tail(ref)}, ${short(callId)}, for POST ${postNo}`,
    })),
    ...truths.flatMap(({ callId, endedMs }) =>
      endedMs === undefined
        ? []
        : [{ atMs: endedMs, text: `the phone of ${short(callId)} is hung up` }],
    ),
    ...deliveries.map(({ atMs, event, status, callId }) => ({
      atMs,
      text: `${event} of ${short(callId)} delivered: ${status ?? 'no answer'}`,
    })),
    ...reads.map(({ atMs, status, callId }) => ({
      atMs,
      text: `a read of ${short(callId)}: ${status ?? 'no answer'}`,
    })),
    ...actions.map(({ atMs, name, attempt, isFalse, answer, answeredMs }) => ({
      atMs,
      text: `${name}${attempt === undefined ? '' : ` of attempt ${attempt}`}${isFalse ? ' (not true)' : ''}: ${
        answer ?? 'no answer'
      }${answeredMs === undefined ? '' : ` after ${answeredMs - atMs} ms`}`,
    })),
    ...incidents.flatMap(({ atMs, untilMs, text }) => [
      { atMs, text: `-- ${text}` },
      ...(untilMs === Infinity ? [] : [{ atMs: untilMs, text: `-- ended: ${text}` }]),
    ]),
    ...(history?.places ?? []).flatMap(({ scheduledMs, closedMs, how, reference }) => [
      { atMs: scheduledMs, text: `placeCall of ${tail(reference)} is scheduled` },
      ...(closedMs === undefined
        ? []
        : [{ atMs: closedMs, text: `placeCall of ${tail(reference)}: ${how}` }]),
    ]),
    ...(history?.finds ?? []).map(({ scheduledMs, how, matches, isLast }) => ({
      atMs: scheduledMs,
      text: `a page is listed: ${how}${matches > 0 ? ', contains the call' : ''}${isLast ? ', the last one' : ''}`,
    })),
    ...(history?.reads ?? []).map(({ closedMs = Infinity, how, dispatch, reference }) => ({
      atMs: closedMs,
      text: `a poll of ${short(reference)}: ${how}, dispatch ${dispatch}`,
    })),
    ...runEnds.map(({ closedMs, result, failure }) => ({
      atMs: closedMs,
      text: `END ${JSON.stringify(result ?? failure)}`,
    })),
    ...(openAtMs === undefined ? [] : [{ atMs: openAtMs, text: `still open: ${openAs ?? ''}` }]),
  ];
  return found.sort((a, b) => a.atMs - b.atMs);
}

// --- internal ---

function postsDrawn(facts: Case) {
  const { drawn, posts, plans } = facts;
  return plans === undefined
    ? drawn.posts.slice(0, Math.max(1, posts.length))
    : posts.map((post) => planOf(post, facts));
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3).padStart(9)} s`;
}

function tail(ref: string): string {
  return ref.slice(ref.lastIndexOf('#'));
}

function short(callId: string): string {
  return callId.slice(0, 12);
}
