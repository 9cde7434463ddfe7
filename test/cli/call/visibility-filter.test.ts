import { queryOf } from '../../../src/cli/call/visibility-filter';

const NOW_MS = Date.parse('2026-11-25T12:00:00Z');
const ALL = `WorkflowType = 'OutboundCallWorkflow'`;

it.each([
  ['every call if no filter is given', {}, ''],
  [
    'any of several outcomes',
    { outcome: ['busy', 'declined'] },
    `TruedyOutcome IN ('busy', 'declined')`,
  ],
  ['a phase', { phase: ['held'] }, `TruedyPhase IN ('held')`],
  ['an agent', { agent: 'agent_1' }, `TruedyAgentId IN ('agent_1')`],
  [
    'a campaign with a quote in it',
    { campaign: "o'clock\\" },
    `TruedyCampaign IN ('o\\'clock\\\\')`,
  ],
  ['calls of the last day', { since: 86_400_000 }, `StartTime > '2026-11-24T12:00:00.000Z'`],
  ['a custom query, in parentheses', { query: 'A = 1 OR B = 2' }, '(A = 1 OR B = 2)'],
] as const)('asks for %s', (_, filter, condition) => {
  expect(queryOf(filter, NOW_MS)).toBe([ALL, condition].filter(Boolean).join(' AND '));
});

it('joins several filters with AND', () => {
  expect(queryOf({ agent: 'a', campaign: 'b' }, NOW_MS)).toBe(
    `${ALL} AND TruedyAgentId IN ('a') AND TruedyCampaign IN ('b')`,
  );
});
