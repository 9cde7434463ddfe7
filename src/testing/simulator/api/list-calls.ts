import { serve, type EndpointOptions } from './endpoint';
import { errorAnswer, jsonAnswer, metaAt, whole, type Answer } from './responses';
import type { Calls, SimulatedCall } from '../phones/calls';
import { wait, type Clock } from '../phones/clock';
import { rowBody } from './call-json';
import { newCall } from '../phones/dialer';
import type { Dialect, ListScript } from '../script/script';
import type { Settings } from '../settings';
import type { SimulatorContext } from './transport';

type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** `GET /calls`. Ignores filters, as Truedy does. */
export function listCallsEndpoint(options: EndpointOptions & { readonly calls: Calls }) {
  const { clock, settings, calls } = options;
  const strangers: SimulatedCall[] = [];
  let failures = { of: 0, count: 0 };

  return function listCalls(c: SimulatorContext): Promise<Response> {
    const query = c.req.query();
    return serve(c, options, { kind: 'list', query }, async () => whole(await answerFor(query)));
  };

  async function answerFor(query: Readonly<Record<string, string>>): Promise<Answer> {
    const { list: script, dialect, echo } = settings();
    await wait(clock, script.slowMs ?? 0);
    const page = pageOf(query, dialect.list, script);
    if (page === undefined) return errorAnswer(422, { details: { field: 'limit' } }, clock.now());
    const failure = failureOf(script, page);
    if (failure !== undefined) return errorAnswer(failure, {}, clock.now());

    const rows = rowsOf(settings(), calls, strangers, clock.now());
    const shown = rows.slice(page.offset, page.offset + page.limit).map(({ call, twin }) => {
      const { number } = call.script.listing ?? {};
      return rowBody(call, dialect.list, { nowMs: clock.now(), echo, number, twin });
    });
    if (script.inserts === true) strangers.push(stranger(clock));
    const count = rows.length;
    return jsonAnswer(200, {
      data: script.malformed === true ? shown.map(withoutId) : shown,
      ...(dialect.list === 'data' && { meta: { ...metaAt(clock.now()), count } }),
      pagination: paginationOf(page, count),
    });
  }

  function failureOf(script: Settings['list'], page: Page): number | undefined {
    const { fail } = script;
    if (fail === undefined) return undefined;
    if (failures.of !== script.sinceMs) failures = { of: script.sinceMs, count: 0 };
    const pageNo = Math.ceil(page.offset / page.limit) + 1;
    const isAffected = fail.page === undefined || fail.page === pageNo;
    if (!isAffected || failures.count >= (fail.times ?? Infinity)) return undefined;
    failures.count += 1;
    return fail.status;
  }
}

interface ListedRow {
  readonly call: SimulatedCall;
  readonly twin: boolean;
}

/** The rows of the listing now. Only those of the page are serialized. */
function rowsOf(
  { list: script }: Settings,
  calls: Calls,
  strangers: readonly SimulatedCall[],
  nowMs: number,
): readonly ListedRow[] {
  if (script.empty === true) return [];
  const newest = [...calls.all(), ...strangers]
    .filter((call) => isListed(call, script, nowMs))
    .reverse() // of two calls at the same time, the later one comes first
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  const ordered = script.order === 'oldest' ? newest.reverse() : newest;
  return ordered.flatMap((call) => {
    const row = { call, twin: false };
    return call.script.listing?.twin === true ? [row, { call, twin: true }] : [row];
  });
}

function isListed(call: SimulatedCall, script: Settings['list'], nowMs: number): boolean {
  const { hidden, lagMs = script.lagMs ?? 0 } = call.script.listing ?? {};
  const upToMs = script.frozen === true ? script.sinceMs : nowMs;
  return hidden !== true && call.createdAtMs + lagMs <= upToMs;
}

const DEFAULT_LIMIT: Readonly<Record<Dialect, number>> = { guide: 20, data: 50 };
const MAX_LIMIT = 100;

/** The page that a query asks for; `undefined` if the query is invalid. */
export function pageOf(
  query: Readonly<Record<string, string>>,
  dialect: Dialect,
  { pageCap = MAX_LIMIT }: ListScript = {},
): Page | undefined {
  const limit = Number(query['limit'] ?? DEFAULT_LIMIT[dialect]);
  const offset = Number(query['offset'] ?? 0);
  const isValid =
    Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT && Number.isInteger(offset);
  if (!isValid || offset < 0) return undefined;
  return { limit: Math.min(limit, pageCap), offset };
}

export function paginationOf({ limit, offset }: Page, total: number) {
  return { total, limit, offset, has_more: offset + limit < total };
}

function withoutId(row: Row, index: number): Row {
  return index === 0 ? { ...row, id: null } : row;
}

/** A call by another program on the same account, placed while a client pages. */
function stranger(clock: Clock): SimulatedCall {
  const request = {
    agentId: 'agent_of_another_program',
    phoneNumber: '+14155550199',
    fromNumber: '+18005550199',
    variables: {},
    reference: null,
  };
  return newCall(request, {}, clock.now());
}
