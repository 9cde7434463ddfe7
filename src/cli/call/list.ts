import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import Table from 'cli-table3';
import { printableLine } from '../../call/text/characters';
import { PHASES } from '../../call/phase';
import { OUTCOMES } from '../../call/outcome';
import { isInvalidArgument } from '../../temporal/grpc-status';
import * as attribute from '../../workflows/search-attributes';
import type { CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { queryOf, type Filter } from './visibility-filter';
import { note, print, timeText, type TimeFormat } from '../shared/output';
import { withTemporal } from '../shared/connect';
import { unknownAttribute } from '../shared/temporal-errors';
import { usageError } from '../shared/usage-error';

const DEFAULT_LIMIT = 20;

/** A call in a list. A field whose search attribute is not set is absent. */
interface Row {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's status of the run, such as `RUNNING` or `TERMINATED`. */
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

/** Lists the calls that match, newest first. Does not need a worker. */
export async function list(
  flags: CommonFlags & Filter & { readonly limit?: number },
): Promise<number> {
  const { limit = DEFAULT_LIMIT } = flags;
  return withTemporal(flags, async ({ client, namespace }) => {
    const rows = await withQueryErrors(
      namespace,
      newest(client, queryOf(flags, Date.now()), limit),
    );
    printRows(flags, rows);
    if (rows.length === 0) note('No calls match.');
    if (rows.length === limit)
      note(`Only the newest ${limit} are listed. For more: --limit ${limit * 10}`);
    return EXIT.done;
  });
}

/** Counts the calls that match, in total and by outcome or phase. */
export async function count(
  flags: CommonFlags & Filter & { readonly by?: 'outcome' | 'phase' },
): Promise<number> {
  return withTemporal(flags, async ({ client, namespace }) => {
    const query = queryOf(flags, Date.now());
    const countOf = async (condition?: string) => {
      const where = condition === undefined ? query : `${query} AND ${condition}`;
      return (await client.workflow.count(where)).count;
    };
    const total = await withQueryErrors(namespace, countOf());
    const groups = flags.by && (await withQueryErrors(namespace, groupsBy(flags.by, countOf)));
    const lines = (groups ?? []).map((group) => `${group.name.padEnd(16)} ${group.count}`);
    const text =
      groups === undefined ? String(total) : [...lines, `${'total'.padEnd(16)} ${total}`];
    print(flags.output, { count: total, ...(groups && { groups }) }, [text].flat().join('\n'));
    return EXIT.done;
  });
}

/**
 * The result of a list or count.
 *
 * @throws KnownError if the server rejects the query.
 */
export async function withQueryErrors<T>(namespace: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (!isInvalidArgument(error)) throw error;
    const unknown = unknownAttribute(error, namespace);
    if (unknown !== undefined) throw unknown;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message.replace(/^\d+ INVALID_ARGUMENT: /, '') : '';
    throw usageError(
      `TT1006  Temporal rejected the query: ${why}`,
      `temporal truedy list --query "StartTime > '2026-01-01T00:00:00Z'"`,
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
  const attributes = run.typedSearchAttributes;
  return {
    workflowId: run.workflowId,
    runId: run.runId,
    status: run.status.name,
    phase: attributes.get(attribute.TRUEDY_PHASE),
    outcome: attributes.get(attribute.TRUEDY_OUTCOME),
    attempt: attributes.get(attribute.TRUEDY_ATTEMPT),
    callIds: attributes.get(attribute.TRUEDY_CALL_ID),
    agentId: attributes.get(attribute.TRUEDY_AGENT_ID),
    campaign: attributes.get(attribute.TRUEDY_CAMPAIGN),
    startedAt: run.startTime.toISOString(),
    closedAt: run.closeTime?.toISOString(),
  };
}

function printRows({ output, timeFormat }: CommonFlags, rows: readonly Row[]): void {
  if (output === 'jsonl') for (const row of rows) print(output, row, '');
  else if (output !== 'text') print(output, rows, '');
  else if (rows.length > 0) print(output, rows, tableOf(rows, timeFormat));
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
  // A run that was terminated or timed out keeps its last phase, so show the status instead.
  const isAborted = row.status !== 'RUNNING' && row.status !== 'COMPLETED';
  const cells = [
    row.workflowId,
    isAborted ? row.status.toLowerCase() : (row.phase ?? row.status.toLowerCase()),
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

/** A count for each value that occurs, and the rest. The server can only group by execution status. */
async function groupsBy(
  by: 'outcome' | 'phase',
  countOf: (condition: string) => Promise<number>,
): Promise<readonly { readonly name: string; readonly count: number }[]> {
  const [{ name: field }, values] =
    by === 'outcome' ? [attribute.TRUEDY_OUTCOME, OUTCOMES] : [attribute.TRUEDY_PHASE, PHASES];
  const conditions = [
    ...values.map((value) => ({ name: value, condition: `${field} = '${value}'` })),
    // Open, failed or terminated calls, or all calls of a namespace without the attributes.
    { name: `no ${by}`, condition: `${field} IS NULL` },
  ];
  const groups = await Promise.all(
    conditions.map(async ({ name, condition }) => ({ name, count: await countOf(condition) })),
  );
  return groups.filter((group) => group.count > 0);
}
