import { maskNumber, maskNumbers } from '../../src/call/text/masking';
import { numberOf } from './conversation';
import type { Case } from './facts';
import type { Judged } from './run';

/** What happened to one call that broke a promise, for people: what was drawn, what came of it, in its order. */
export function storyOf({ facts, violations }: Judged): string {
  const { index, workflowId, drawn } = facts;
  const lines = [
    `${workflowId}  ${maskNumber(numberOf(index))}`,
    ...violations.map(({ category, what }) => `  ${category.toUpperCase()}  ${what}`),
    `  drawn     ${JSON.stringify({ ...drawn, posts: undefined })}`,
    ...postsDrawn(facts).map((plan, place) => `  POST ${place + 1}    ${JSON.stringify(plan)}`),
    ...timeline(facts).map(({ atMs, what }) => `  ${seconds(atMs - facts.startedMs)}  ${what}`),
  ];
  return maskNumbers(lines.join('\n'));
}

// --- internal ---

function postsDrawn({ drawn, posts }: Case) {
  return drawn.posts.slice(0, Math.max(1, posts.length));
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3).padStart(9)} s`;
}

function timeline(facts: Case) {
  const { posts, dials, truths, deliveries, deeds, blows, endings, history, openAtMs, openAs } =
    facts;
  const found = [
    ...posts.map(({ atMs, ref, status, fault, seq }) => ({
      atMs,
      what: `POST ${seq} of ${tail(ref)}: ${status ?? 'no answer'}${fault === undefined ? '' : ` (${fault})`}`,
    })),
    ...dials.map(({ atMs, ref, callId, postNo }) => ({
      atMs,
      what: `DIAL of ${tail(ref)}, ${short(callId)}, for POST ${postNo}`,
    })),
    ...truths.flatMap(({ callId, endedMs }) =>
      endedMs === undefined
        ? []
        : [{ atMs: endedMs, what: `the phone of ${short(callId)} is hung up` }],
    ),
    ...deliveries.map(({ atMs, event, status, callId }) => ({
      atMs,
      what: `${event} of ${short(callId)} delivered: ${status ?? 'no answer'}`,
    })),
    ...deeds.map(({ atMs, what, attempt, isLie, answer, answeredMs }) => ({
      atMs,
      what: `${what}${attempt === undefined ? '' : ` of attempt ${attempt}`}${isLie ? ' (not true)' : ''}: ${
        answer ?? 'no answer'
      }${answeredMs === undefined ? '' : ` after ${answeredMs - atMs} ms`}`,
    })),
    ...blows.flatMap(({ atMs, untilMs, what }) => [
      { atMs, what: `-- ${what}` },
      ...(untilMs === Infinity ? [] : [{ atMs: untilMs, what: `-- over: ${what}` }]),
    ]),
    ...(history?.places ?? []).flatMap(({ scheduledMs, closedMs, how, reference }) => [
      { atMs: scheduledMs, what: `placeCall of ${tail(reference)} is scheduled` },
      ...(closedMs === undefined
        ? []
        : [{ atMs: closedMs, what: `placeCall of ${tail(reference)}: ${how}` }]),
    ]),
    ...(history?.finds ?? []).map(({ scheduledMs, how }) => ({
      atMs: scheduledMs,
      what: `a page is listed: ${how}`,
    })),
    ...endings.map(({ closedMs, result, failure }) => ({
      atMs: closedMs,
      what: `END ${JSON.stringify(result ?? failure)}`,
    })),
    ...(openAtMs === undefined ? [] : [{ atMs: openAtMs, what: `still open: ${openAs ?? ''}` }]),
  ];
  return found.sort((a, b) => a.atMs - b.atMs);
}

function tail(ref: string): string {
  return ref.slice(ref.lastIndexOf('#'));
}

function short(callId: string): string {
  return callId.slice(0, 12);
}
