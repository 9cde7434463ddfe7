import { maskNumber, maskNumbers } from '../../src/call/text/masking';
import { numberOf } from './conversation';
import type { JudgedPerson } from './run-people';
import { seconds, timeline } from './story';

/** How long before and after a violation its story shows what happened. */
const BEFORE_MS = 90_000;
const AFTER_MS = 30_000;

/** The story of a person whose limits were broken: the policy, and what happened to all calls, in order. */
export function storyOfPerson({ facts, violations }: JudgedPerson): string {
  const { person, policy, actions, cases, contact } = facts;
  const isNear = ({ atMs }: { readonly atMs: number }) =>
    violations.some((one) => atMs > one.atMs - BEFORE_MS && atMs < one.atMs + AFTER_MS);
  const events = [
    ...actions.map(({ atMs, name, answer, answeredMs = atMs }) => ({
      atMs,
      text: `${name}: ${answer ?? 'no answer'} after ${answeredMs - atMs} ms`,
    })),
    ...cases.flatMap((one) => {
      const name = one.workflowId.slice(one.workflowId.lastIndexOf('-') + 1);
      // A disaster is in the timeline of every call that it can affect.
      return timeline(one).map(({ atMs, text }) => ({
        atMs,
        text: text.startsWith('--') ? text : `${name}  ${text}`,
      }));
    }),
  ].filter(isNear);
  const startMs = Math.min(...events.map(({ atMs }) => atMs));
  const lines = events
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `  ${seconds(atMs - startMs)}  ${text}`);
  const state = { open: contact?.open, waiting: contact?.waiting };
  return maskNumbers(
    [
      `person ${person}  ${maskNumber(numberOf(person))}  ${JSON.stringify(policy)}`,
      ...violations.map(
        ({ category, text, atMs }) =>
          `  ${category.toUpperCase()} ${seconds(atMs - startMs)}  ${text}`,
      ),
      ...new Set(lines),
      `  at the end ${JSON.stringify(state)}`,
    ].join('\n'),
  );
}
