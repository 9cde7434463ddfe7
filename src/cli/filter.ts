import type { Phase } from '../call/messages';
import type { Outcome } from '../call/outcome';
import { callsWhere, quoted } from '../temporal/query';

/** Which calls are meant, as the flags of `list`, `count` and `cancel` say it. Of one flag any value will do. */
export interface Filter {
  readonly outcome?: readonly Outcome[];
  readonly phase?: readonly Phase[];
  readonly agent?: string;
  readonly campaign?: string;
  /** Started within so many milliseconds. */
  readonly since?: number;
  /** A condition in the server's own words. */
  readonly query?: string;
}

/** The visibility query for those calls. */
export function queryOf(filter: Filter, nowMs: number): string {
  const { outcome, phase, agent, campaign, since, query } = filter;
  return callsWhere(
    ...anyOf('TruedyOutcome', outcome),
    ...anyOf('TruedyPhase', phase),
    ...anyOf('TruedyAgentId', agent === undefined ? undefined : [agent]),
    ...anyOf('TruedyCampaign', campaign === undefined ? undefined : [campaign]),
    ...(since === undefined ? [] : [`StartTime > '${new Date(nowMs - since).toISOString()}'`]),
    ...(query === undefined ? [] : [`(${query})`]),
  );
}

// --- internal ---

function anyOf(attribute: string, values: readonly string[] | undefined): string[] {
  return values === undefined ? [] : [`${attribute} IN (${values.map(quoted).join(', ')})`];
}
