import { WORKFLOW_TYPE } from '../workflows/messages';

/** A text as a value of a visibility query, whatever signs it holds. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
}

/** A visibility query for calls that meet every condition. */
export function callsWhere(...conditions: readonly string[]): string {
  return [`WorkflowType = ${quoted(WORKFLOW_TYPE)}`, ...conditions].join(' AND ');
}
