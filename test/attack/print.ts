import type { Facts } from './play';
import type { Violation } from './oracle';
import { planOf } from './story';

/** Prints a violation with its story: what was drawn, what happened in order, and how the run ended. */
export function print(facts: Facts, broken: readonly Violation[]): string {
  const { line, deliveries, done, runEnd } = facts;
  const { settings, scenes } = line.story;
  const most = Math.max(1, ...line.sends.map(({ attempt }) => attempt));
  const startMs = Math.min(...line.checks.map(({ atMs }) => atMs), Date.now());
  const moments = [
    ...line.sends.map(({ attempt, atMs, proves }) => ({
      atMs,
      text: `attempt ${attempt} is sent; its answer proves: ${proves}`,
    })),
    ...line.dials.map(({ attempt, atMs, end, endedMs }) => ({
      atMs,
      text: `a phone is dialed for attempt ${attempt}: ${end}, until +${endedMs - startMs} ms`,
    })),
    ...line.seen.map(({ attempt, atMs, look }) => ({
      atMs,
      text: `a read shows attempt ${attempt}: ${look}`,
    })),
    ...deliveries.map(({ attempt, atMs, look, plan, status }) => ({
      atMs,
      text: `a delivery about attempt ${attempt}: ${look ?? 'nudge'}, ids ${plan.ids}, reference ${plan.hasReference}: ${status}`,
    })),
    ...done.map(({ act, attempt, atMs, answer }) => ({
      atMs,
      text: `act: ${act} (attempt ${attempt}): ${answer}`,
    })),
  ].sort((one, other) => one.atMs - other.atMs);
  return [
    ...broken.map(({ text }) => `VIOLATION: ${text}`),
    `settings: ${JSON.stringify(settings)}`,
    ...Array.from({ length: most }, (_, index) => index + 1).map(
      (number) => `attempt ${number}: ${JSON.stringify(planOf(line.story, number))}`,
    ),
    ...scenes.map(({ attempt, at, delayMs, acts }) => {
      return `scene: attempt ${attempt}, ${at}, ${delayMs} ms later: ${acts.join(' + ')}`;
    }),
    ...moments.map(({ atMs, text }) => `  +${String(atMs - startMs).padStart(6)} ms  ${text}`),
    `runs: ${facts.runs.length}; run end: ${JSON.stringify(runEnd)}`,
  ].join('\n');
}
