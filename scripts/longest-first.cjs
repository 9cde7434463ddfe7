const Sequencer = require('@jest/test-sequencer').default;

/**
 * The test files that take longest. A clean checkout has no timings, and a long file that
 * starts last makes every run longer.
 */
const LONGEST = [
  'attack/attack',
  'workflows/reconcile-listing',
  'workflows/reconcile',
  'workers/plugin',
  'codec/scenarios-encrypted',
  'cli/contact/verbs',
  'workflows/contact',
  'workflows/call-person',
  'workflows/redial',
  'cli/verbs',
  'workers/run',
  'examples/appointment-reminder',
  'workflows/shown',
  'codec/encrypted-calls',
  'workflows/odd-messages',
  'workflows/outage',
];

/** Starts the longest files first. */
module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rankOf(one) - rankOf(other));
  }
};

function rankOf({ path }) {
  const rank = LONGEST.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return rank === -1 ? LONGEST.length : rank;
}
