import type { OptOut } from '../../call/contact/contact';
import { toContactView } from '../../call/contact/contact-view';
import { instantMs } from '../../call/text/instant';
import { fieldsOf } from '../../call/untrusted-values';
import { parseJson } from '../../runtime/text-file';
import type { StoredContact } from '../../temporal/contacts';

/** The opt-outs of each contact workflow, by its ID. */
export type OptOuts = ReadonlyMap<string, readonly OptOut[]>;

/** The lines of a file, each a JSON object: a header with the count, then one opt-out a line. */
export function toLines(
  contacts: ReadonlyMap<string, Pick<StoredContact, 'contact'>>,
  nowMs: number,
): readonly object[] {
  const lines = [...contacts].flatMap(([workflowId, { contact }]) =>
    toContactView(contact).optOuts.map((one) => ({ workflowId, ...one })),
  );
  return [{ optOuts: lines.length, exportedAt: new Date(nowMs).toISOString() }, ...lines];
}

/** @returns The opt-outs, and every problem with its line. A problem repeats nothing of the file. */
export function parseLines(text: string): {
  readonly optOuts: OptOuts;
  readonly problems: readonly string[];
} {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, at: `line ${index + 1}` }));
  const [head, ...rest] = lines.filter(({ line }) => line.trim() !== '');
  const { optOuts: count, exportedAt } = fieldsOf(parseJson(head?.line ?? ''));
  if (typeof count !== 'number' || typeof exportedAt !== 'string') {
    return { optOuts: new Map(), problems: [`${head?.at ?? 'line 1'}  ${NO_HEADER}`] };
  }
  const optOuts = new Map<string, OptOut[]>();
  const problems: string[] = [];
  for (const { line, at } of rest) {
    const fields = fieldsOf(parseJson(line));
    const found = problemsOf(fields);
    problems.push(...found.map((problem) => `${at}  ${problem}`));
    const { workflowId } = fields;
    if (found.length > 0 || typeof workflowId !== 'string') continue;
    optOuts.set(workflowId, [...(optOuts.get(workflowId) ?? []), toOptOut(fields)]);
  }
  if (count !== rest.length) {
    problems.push(`${head?.at}  the count is ${count}, but the file has ${rest.length} opt-outs`);
  }
  return { optOuts, problems };
}

// --- internal ---

const NO_HEADER = 'is not the header of a file from contact export --opt-outs';
const CONTACT_ID = /^contact\/[0-9a-f]{32}$/;
const FIELDS: readonly string[] = ['workflowId', 'at', 'reason', 'endedAt', 'endReason'];

function problemsOf(fields: Readonly<Record<string, unknown>>): readonly string[] {
  if (Object.keys(fields).length === 0) return ['is not a JSON object'];
  const { workflowId, at, reason = '', endedAt = at, endReason = '' } = fields;
  const isId = typeof workflowId === 'string' && CONTACT_ID.test(workflowId);
  const [atMs, endedMs] = [toMs(at), toMs(endedAt)];
  const checks: readonly (readonly [isValid: boolean, problem: string])[] = [
    [Object.keys(fields).every((name) => FIELDS.includes(name)), 'has an unknown field'],
    [isId, 'workflowId is not contact/ and 32 hex digits'],
    [atMs !== undefined, 'at is not ISO 8601 with an offset'],
    [endedMs !== undefined || endedAt === at, 'endedAt is not ISO 8601 with an offset'],
    [!(Number(endedMs) < Number(atMs)), 'endedAt is before at'],
    [typeof reason === 'string', 'reason is not a text'],
    [typeof endReason === 'string', 'endReason is not a text'],
  ];
  return checks.filter(([isValid]) => !isValid).map(([, problem]) => problem);
}

function toMs(value: unknown): number | undefined {
  return typeof value === 'string' ? instantMs(value) : undefined;
}

/** The fields were checked. */
function toOptOut(fields: Readonly<Record<string, unknown>>): OptOut {
  const { at, reason, endedAt, endReason } = fields;
  const endedMs = toMs(endedAt);
  return {
    atMs: toMs(at) ?? 0,
    ...(typeof reason === 'string' && { reason }),
    ...(endedMs !== undefined && { endedMs }),
    ...(typeof endReason === 'string' && { endReason }),
  };
}
