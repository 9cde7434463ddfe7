import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import Table from 'cli-table3';
import { printableLine } from '../../call/text/characters';
import { PHASES } from '../../call/api-types';
import { OUTCOMES } from '../../call/outcome';
import { KnownError } from '../../runtime/process';
import { isInvalidArgument } from '../../temporal/grpc-status';
import {
  TRUEDY_AGENT_ID,
  TRUEDY_ATTEMPT,
  TRUEDY_CALL_ID,
  TRUEDY_CAMPAIGN,
  TRUEDY_OUTCOME,
  TRUEDY_PHASE,
} from '../../workflows/search-attributes';
import type { CommonFlags, TimeFormat } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { queryOf, type Filter } from './visibility-filter';
import { note, print } from '../shared/output';
import { withTemporal } from '../shared/connect';
import { unknownAttribute } from '../shared/temporal-errors';
import { timeText } from '../shared/time-text';

const DEFAULT_LIMIT = 20;

/** One call as lists know it. What its search attributes do not say is absent. */
interface Row {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's word for the run, such as `RUNNING` or `TERMINATED`. */
  readonly status: string;
  readonly phase?: string | undefined;
  readonly outcome?: string | undefined;
  readonly attempt?: number | undefined;
  readonly callIds?: readonly string[] | undefined;
  readonly agentId?: string | undefined;
  readonly campaign?: string | undefined;
  readonly startedAt: string;
  readonly closedAt?: string | undefined;
}

/** Tells the calls that match, the newest first. No worker is asked. */
export async function list(
  flags: CommonFlags & Filter & { readonly limit?: number },
): Promise<number> {
  const { limit = DEFAULT_LIMIT } = flags;
  return withTemporal(flags, async ({ client, namespace }) => {
    const rows = await answered(namespace, newest(client, queryOf(flags, Date.now()), limit));
    tellRows(flags, rows);
    if (rows.length === 0) note('No call matches.');
    if (rows.length === limit) note(`These are the newest ${limit}; more: --limit ${limit * 10}`);
    return EXIT.done;
  });
}

/** Tells how many calls match, in all or for each outcome or phase. */
export async function count(
  flags: CommonFlags & Filter & { readonly by?: 'outcome' | 'phase' },
): Promise<number> {
  return withTemporal(flags, async ({ client, namespace }) => {
    const query = queryOf(flags, Date.now());
    const countOf = async (condition?: string) => {
      const where = condition === undefined ? query : `${query} AND ${condition}`;
      return (await client.workflow.count(where)).count;
    };
    const total = await answered(namespace, countOf());
    const groups = flags.by && (await answered(namespace, groupsBy(flags.by, countOf)));
    const lines = (groups ?? []).map((group) => `${group.name.padEnd(16)} ${group.count}`);
    const text =
      groups === undefined ? String(total) : [...lines, `${'total'.padEnd(16)} ${total}`];
    print(flags.output, { count: total, ...(groups && { groups }) }, [text].flat().join('\n'));
    return EXIT.done;
  });
}

/**
 * What the server says to a query.
 *
 * @throws KnownError where it refuses the query as such.
 */
export async function answered<T>(namespace: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isInvalidArgument(error)) throw error;
    const attribute = unknownAttribute(error, namespace);
    if (attribute !== undefined) throw attribute;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message.replace(/^\d+ INVALID_ARGUMENT: /, '') : '';
    throw new KnownError(
      `TT1006  Temporal refuses the query: ${why}\n` +
        `        temporal truedy list --query "StartTime > '2026-01-01T00:00:00Z'"`,
      EXIT.usage,
    );
  }
}

// --- internal ---

async function newest(client: Client, query: string, limit: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const run of client.workflow.list({ query, pageSize: Math.min(limit, 1_000) })) {
    rows.push(toRow(run));
    if (rows.length === limit) break;
  }
  return rows;
}

function toRow(run: WorkflowExecutionInfo): Row {
  const known = run.typedSearchAttributes;
  return {
    workflowId: run.workflowId,
    runId: run.runId,
    status: run.status.name,
    phase: known.get(TRUEDY_PHASE),
    outcome: known.get(TRUEDY_OUTCOME),
    attempt: known.get(TRUEDY_ATTEMPT),
    callIds: known.get(TRUEDY_CALL_ID),
    agentId: known.get(TRUEDY_AGENT_ID),
    campaign: known.get(TRUEDY_CAMPAIGN),
    startedAt: run.startTime.toISOString(),
    closedAt: run.closeTime?.toISOString(),
  };
}

function tellRows({ output, timeFormat }: CommonFlags, rows: readonly Row[]): void {
  switch (output) {
    case 'jsonl':
      for (const row of rows) print('jsonl', row, '');
      return;
    case 'text':
      if (rows.length > 0) print('text', rows, tableOf(rows, timeFormat));
      return;
    case 'json':
    case 'none':
      print(output, rows, '');
  }
}

function tableOf(rows: readonly Row[], format: TimeFormat): string {
  const table = new Table({
    head: ['CALL', 'PHASE', 'OUTCOME', 'ATTEMPT', 'AGENT', 'CAMPAIGN', 'STARTED'],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  });
  table.push(...rows.map((row) => cellsOf(row, format)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function cellsOf(row: Row, format: TimeFormat): string[] {
  // Whoever ended it from outside left the phase as it stood.
  const isOver = row.status !== 'RUNNING' && row.status !== 'COMPLETED';
  const cells = [
    row.workflowId,
    isOver ? row.status.toLowerCase() : (row.phase ?? row.status.toLowerCase()),
    row.outcome ?? '',
    String(row.attempt ?? ''),
    row.agentId ?? '',
    row.campaign ?? '',
    timeText(row.startedAt, format),
  ];
  return cells.map(printableLine);
}

const NO_LINES = Object.fromEntries(
  `top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right
   left left-mid mid mid-mid right right-mid middle`
    .split(/\s+/)
    .map((part) => [part, '']),
);

/** A count for each word that occurs, and the rest. The server itself groups by its own status alone. */
async function groupsBy(
  by: 'outcome' | 'phase',
  countOf: (condition: string) => Promise<number>,
): Promise<readonly { readonly name: string; readonly count: number }[]> {
  const [attribute, words] =
    by === 'outcome' ? [TRUEDY_OUTCOME.name, OUTCOMES] : [TRUEDY_PHASE.name, PHASES];
  const conditions = [
    ...words.map((word) => ({ name: word, condition: `${attribute} = '${word}'` })),
    // Still open, failed or ended from outside, or of a namespace without the attributes.
    { name: `no ${by}`, condition: `${attribute} IS NULL` },
  ];
  const groups = await Promise.all(
    conditions.map(async ({ name, condition }) => ({ name, count: await countOf(condition) })),
  );
  return groups.filter((group) => group.count > 0);
}
