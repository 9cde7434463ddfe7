import { defineSearchAttributeKey } from '@temporalio/common';

/** What can be filtered by in lists. Values are never encrypted: no number and no name is among them. */
export const TRUEDY_CALL_ID = defineSearchAttributeKey('TruedyCallId', 'KEYWORD_LIST');
export const TRUEDY_PHASE = defineSearchAttributeKey('TruedyPhase', 'KEYWORD');
export const TRUEDY_OUTCOME = defineSearchAttributeKey('TruedyOutcome', 'KEYWORD');
export const TRUEDY_AGENT_ID = defineSearchAttributeKey('TruedyAgentId', 'KEYWORD');
export const TRUEDY_CAMPAIGN = defineSearchAttributeKey('TruedyCampaign', 'KEYWORD');
export const TRUEDY_ATTEMPT = defineSearchAttributeKey('TruedyAttempt', 'INT');

/** All six: what a namespace must know before a run may write any of them. */
export const SEARCH_ATTRIBUTES = [
  TRUEDY_CALL_ID,
  TRUEDY_PHASE,
  TRUEDY_OUTCOME,
  TRUEDY_AGENT_ID,
  TRUEDY_CAMPAIGN,
  TRUEDY_ATTEMPT,
] as const;
