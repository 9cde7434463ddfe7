import { attemptOf, type Case, type Violation } from './facts';
import { doubledIn } from './judge-dials';
import { endingFaults } from './judge-endings';

/** How long after the end of its run whoever sent an update still waits for the answer. */
const ANSWER_MS = 20_000;

/**
 * What one conversation breaks of the promises, from what rang, what was reported and what people did. It knows
 * nothing of how the product decides.
 *
 * @returns Nothing for an honest one.
 */
export function judge(facts: Case): readonly Violation[] {
  return [
    ...doubledIn(facts).map((what) => ({ category: 'doubled', what }) as const),
    ...endingFaults(facts),
    ...stuck(facts),
    ...changedOnTheWay(facts),
    ...unanswered(facts),
  ];
}

/** How many of its attempts are reported as `unknown`. */
export function unknownsIn({ endings }: Case): number {
  const { result, failure } = endings.at(-1) ?? {};
  const reports = result?.attempts ?? failure?.attempts ?? [];
  return reports.filter(({ outcome }) => outcome === 'unknown').length;
}

// --- internal ---

function stuck({ openAtMs, startedMs, boundMs, history }: Case): readonly Violation[] {
  if (openAtMs === undefined) return [];
  const seconds = (ms: number) => Math.round(ms / 1_000);
  const what = `it was still open after ${seconds(openAtMs - startedMs)} s; its settings end it within ${seconds(boundMs)} s`;
  const [why] = history?.taskFailures ?? [];
  if (why !== undefined) {
    return [{ category: 'stuck', what: `${what}, and its workflow task fails: ${why}` }];
  }
  return [{ category: 'stuck', what }];
}

/** Every request carries what the caller gave, to the byte; only the reference is the product's own. */
function changedOnTheWay({ posts, call }: Case): readonly Violation[] {
  const found: Violation[] = [];
  const keys = new Map<string, string | undefined>();
  for (const { ref, body, key } of posts) {
    const attempt = `attempt ${attemptOf(ref)}`;
    const variables = { ...call.variables, temporal_ref: ref };
    if (body !== JSON.stringify({ ...call, variables })) {
      found.push({ category: 'wrong', what: `${attempt} was sent with another body` });
    }
    if (key !== (keys.get(ref) ?? key)) {
      found.push({ category: 'wrong', what: `${attempt} changed its idempotency key` });
    }
    keys.set(ref, key);
  }
  return found;
}

function unanswered({ deeds, endings, openAtMs }: Case): readonly Violation[] {
  const overMs = openAtMs ?? endings.at(-1)?.closedMs;
  if (overMs === undefined) return [];
  return deeds.flatMap(({ what, answer, atMs }): readonly Violation[] => {
    if (answer === undefined && overMs > atMs) {
      return [
        {
          category: 'wrong',
          what: `${what} was not answered within ${ANSWER_MS / 1_000} s of the end`,
        },
      ];
    }
    if (answer === 'taken' && what === 'wrongInput') {
      return [{ category: 'wrong', what: 'an update with a wrong input was taken' }];
    }
    return answer?.startsWith('error') === true
      ? [{ category: 'wrong', what: `${what}: ${answer}` }]
      : [];
  });
}
