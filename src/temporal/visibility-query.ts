import { WORKFLOW_TYPE } from '../workflows/messages';

/** Quotes a string for a visibility query, and escapes its quotes and backslashes. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

/** A visibility query for the calls that meet all conditions. */
export function callsWhere(...conditions: readonly string[]): string {
  return [`WorkflowType = ${quoted(WORKFLOW_TYPE)}`, ...conditions].join(' AND ');
}

/**
 * A visibility query for all runs with one workflow id, whose cost does not grow with the number of runs.
 *
 * The server adds `TemporalNamespaceDivision IS NULL` to a query that does not name this attribute
 * (docs/performance.md). SQLite then takes the index on it, under which every run of the namespace has the same value,
 * and reads them all. An alternative of two values keeps it from that index, so it takes the one on the workflow id.
 */
export function runsWithId(workflowId: string): string {
  const ofNoDivision = "(TemporalNamespaceDivision IS NULL OR TemporalNamespaceDivision = 'none')";
  return `WorkflowId = ${quoted(workflowId)} AND ${ofNoDivision}`;
}
