import type { Phase } from '../../call/phase';
import type { Outcome } from '../../call/outcome';
import { callsWhere, quoted } from '../../temporal/visibility-query';
import * as attribute from '../../workflows/search-attributes';

/** The filters of `list`, `count` and `cancel`. A call must match one value of each flag. */
export interface Filter {
  readonly outcome?: readonly Outcome[];
  readonly phase?: readonly Phase[];
  readonly agent?: string;
  readonly campaign?: string;
  /** Started within so many milliseconds. */
  readonly since?: number;
  /** A Temporal list filter. */
  readonly query?: string;
}

/** The visibility query for the filtered calls. */
export function queryOf(filter: Filter, nowMs: number): string {
  const { outcome, phase, agent, campaign, since, query } = filter;
  return callsWhere(
    ...anyOf(attribute.TRUEDY_OUTCOME.name, outcome),
    ...anyOf(attribute.TRUEDY_PHASE.name, phase),
    ...anyOf(attribute.TRUEDY_AGENT_ID.name, agent === undefined ? undefined : [agent]),
    ...anyOf(attribute.TRUEDY_CAMPAIGN.name, campaign === undefined ? undefined : [campaign]),
    ...(since === undefined ? [] : [`StartTime > '${new Date(nowMs - since).toISOString()}'`]),
    ...(query === undefined ? [] : [`(${query})`]),
  );
}

// --- internal ---

function anyOf(attribute: string, values: readonly string[] | undefined): string[] {
  return values === undefined ? [] : [`${attribute} IN (${values.map(quoted).join(', ')})`];
}
