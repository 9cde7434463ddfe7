import { WORKFLOW_TYPE } from '../workflows/messages';

/** Quotes a string for a visibility query, and escapes its quotes and backslashes. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

/** A visibility query for the calls that meet all conditions. */
export function callsWhere(...conditions: readonly string[]): string {
  return [`WorkflowType = ${quoted(WORKFLOW_TYPE)}`, ...conditions].join(' AND ');
}
