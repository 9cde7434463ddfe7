import { attemptOf, type Case, type Violation } from './facts';
import { doubledIn } from './judge-dials';
import { resultViolations } from './judge-results';

/** How long the sender of an update waits for the answer after the end of the run. */
const ANSWER_MS = 20_000;

/**
 * The promises that one call breaks, judged by its dials, its reports and the acts of people. Does not depend on how the
 * product decides.
 *
 * @returns An empty list if every promise is kept.
 */
export function judge(facts: Case): readonly Violation[] {
  return [
    ...doubledIn(facts).map((text) => ({ category: 'doubled', text }) as const),
    ...resultViolations(facts),
    ...stuck(facts),
    ...changedRequests(facts),
    ...unanswered(facts),
  ];
}

/** The number of attempts that are reported as `unknown`. */
export function unknownsIn({ runEnds }: Case): number {
  const { result, failure } = runEnds.at(-1) ?? {};
  const reports = result?.attempts ?? failure?.attempts ?? [];
  return reports.filter(({ outcome }) => outcome === 'unknown').length;
}

// --- internal ---

function stuck({ openAtMs, startedMs, boundMs, history }: Case): readonly Violation[] {
  if (openAtMs === undefined) return [];
  const seconds = (ms: number) => Math.round(ms / 1_000);
  const text = `it was still open after ${seconds(openAtMs - startedMs)} s; its settings limit it to ${seconds(boundMs)} s`;
  const why = history?.taskFailures.at(-1)?.message;
  if (why !== undefined) {
    return [{ category: 'stuck', text: `${text}, and its workflow task fails: ${why}` }];
  }
  return [{ category: 'stuck', text }];
}

/** Every request contains exactly the caller's input. The product only adds the reference. */
function changedRequests({ posts, call }: Case): readonly Violation[] {
  const found: Violation[] = [];
  const keys = new Map<string, string | undefined>();
  for (const { ref, body, key } of posts) {
    const attempt = `attempt ${attemptOf(ref)}`;
    const variables = { ...call.variables, temporal_ref: ref };
    if (body !== JSON.stringify({ ...call, variables })) {
      found.push({ category: 'wrong', text: `${attempt} was sent with another body` });
    }
    if (key !== (keys.get(ref) ?? key)) {
      found.push({ category: 'wrong', text: `${attempt} changed its idempotency key` });
    }
    keys.set(ref, key);
  }
  return found;
}

function unanswered({ actions, runEnds, openAtMs }: Case): readonly Violation[] {
  const overMs = openAtMs ?? runEnds.at(-1)?.closedMs;
  if (overMs === undefined) return [];
  return actions.flatMap(({ name, answer, atMs }): readonly Violation[] => {
    if (answer === undefined && overMs > atMs) {
      return [
        {
          category: 'wrong',
          text: `${name} was not answered within ${ANSWER_MS / 1_000} s of the end`,
        },
      ];
    }
    if (answer === 'accepted' && name === 'wrongInput') {
      return [{ category: 'wrong', text: 'an update with an invalid input was accepted' }];
    }
    return answer?.startsWith('error') === true
      ? [{ category: 'wrong', text: `${name}: ${answer}` }]
      : [];
  });
}
