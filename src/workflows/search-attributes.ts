import { defineSearchAttributeKey } from '@temporalio/common';

// The server stores search attributes unencrypted, so none contains a phone number or a name.
export const TRUEDY_CALL_ID = defineSearchAttributeKey('TruedyCallId', 'KEYWORD_LIST');
export const TRUEDY_PHASE = defineSearchAttributeKey('TruedyPhase', 'KEYWORD');
export const TRUEDY_OUTCOME = defineSearchAttributeKey('TruedyOutcome', 'KEYWORD');
export const TRUEDY_AGENT_ID = defineSearchAttributeKey('TruedyAgentId', 'KEYWORD');
export const TRUEDY_CAMPAIGN = defineSearchAttributeKey('TruedyCampaign', 'KEYWORD');
export const TRUEDY_ATTEMPT = defineSearchAttributeKey('TruedyAttempt', 'INT');

/** A run writes search attributes only if all six are registered in its namespace. */
export const SEARCH_ATTRIBUTES = [
  TRUEDY_CALL_ID,
  TRUEDY_PHASE,
  TRUEDY_OUTCOME,
  TRUEDY_AGENT_ID,
  TRUEDY_CAMPAIGN,
  TRUEDY_ATTEMPT,
] as const;
