import { errorAnswer, jsonAnswer, toRequestId, type Answer } from './responses';
import type { Calls, SimulatedCall } from '../phones/calls';
import { toIso, wait, type Clock } from '../phones/clock';
import { rowBody } from './call-json';
import { newCall } from '../phones/dialer';
import type { Dialect, ListPlan } from '../script/script';
import type { ReadOptions } from './get-call';
import type { Settings } from '../settings';
import { sendReply, type SimulatorContext } from './transport';

type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** `GET /calls`: filters are ignored, as they are by the vendor. */
export function createList({ clock, settings, gate, records, calls }: ReadOptions) {
  const strangers: SimulatedCall[] = [];
  let failures = { of: 0, count: 0 };

  return async function list(c: SimulatorContext): Promise<Response> {
    const query = c.req.query();
    const request = records.addRequest({ at: toIso(clock.now()), kind: 'list', query });
    const answer = gate.check('list', c.req.header('authorization')) ?? (await answerFor(query));
    request.status = answer.status;
    return sendReply(c, { kind: 'whole', answer }, clock);
  };

  async function answerFor(query: Readonly<Record<string, string>>): Promise<Answer> {
    const { list: plan, dialect, echo } = settings();
    await wait(clock, plan.slowMs ?? 0);
    const page = pageOf(query, dialect.list, plan);
    if (page === undefined) return errorAnswer(422, { details: { field: 'limit' } }, clock.now());
    const failure = failureOf(plan, page);
    if (failure !== undefined) return errorAnswer(failure, {}, clock.now());

    const rows = rowsOf(settings(), calls, strangers, clock.now());
    const shown = rows.slice(page.offset, page.offset + page.limit).map(({ call, twin }) => {
      const { number } = call.plan.listing ?? {};
      return rowBody(call, dialect.list, { nowMs: clock.now(), echo, number, twin });
    });
    if (plan.inserts === true) strangers.push(stranger(clock));
    return jsonAnswer(200, {
      data: plan.malformed === true ? shown.map(withoutId) : shown,
      ...totals(dialect.list, rows.length, page, clock.now()),
    });
  }

  function failureOf(plan: Settings['list'], page: Page): number | undefined {
    const { fail } = plan;
    if (fail === undefined) return undefined;
    if (failures.of !== plan.sinceMs) failures = { of: plan.sinceMs, count: 0 };
    const pageNo = Math.ceil(page.offset / page.limit) + 1;
    const isMeant = fail.page === undefined || fail.page === pageNo;
    if (!isMeant || failures.count >= (fail.times ?? Infinity)) return undefined;
    failures.count += 1;
    return fail.status;
  }
}

interface ListedRow {
  readonly call: SimulatedCall;
  readonly twin: boolean;
}

/** Everything the listing holds at this moment; only what a page shows is written out. */
function rowsOf(
  { list: plan }: Settings,
  calls: Calls,
  strangers: readonly SimulatedCall[],
  nowMs: number,
): readonly ListedRow[] {
  if (plan.empty === true) return [];
  const newest = [...calls.all(), ...strangers]
    .filter((call) => isListed(call, plan, nowMs))
    .reverse() // so that of two calls of one moment the later stands first
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  const ordered = plan.order === 'oldest' ? newest.reverse() : newest;
  return ordered.flatMap((call) => {
    const row = { call, twin: false };
    return call.plan.listing?.twin === true ? [row, { call, twin: true }] : [row];
  });
}

function isListed(call: SimulatedCall, plan: Settings['list'], nowMs: number): boolean {
  const { hidden, lagMs = plan.lagMs ?? 0 } = call.plan.listing ?? {};
  const upToMs = plan.frozen === true ? plan.sinceMs : nowMs;
  return hidden !== true && call.createdAtMs + lagMs <= upToMs;
}

const DEFAULT_LIMIT: Readonly<Record<Dialect, number>> = { guide: 20, data: 50 };
const MAX_LIMIT = 100;

/** The page a query asks for; `undefined` where it asks for none that there can be. */
export function pageOf(
  query: Readonly<Record<string, string>>,
  dialect: Dialect,
  { pageCap = MAX_LIMIT }: ListPlan = {},
): Page | undefined {
  const limit = Number(query['limit'] ?? DEFAULT_LIMIT[dialect]);
  const offset = Number(query['offset'] ?? 0);
  const isRight =
    Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT && Number.isInteger(offset);
  if (!isRight || offset < 0) return undefined;
  return { limit: Math.min(limit, pageCap), offset };
}

function totals(dialect: Dialect, total: number, { limit, offset }: Page, nowMs: number): Row {
  const pagination = { total, limit, offset, has_more: offset + limit < total };
  if (dialect === 'guide') return { pagination };
  return { meta: { request_id: toRequestId(), ts: toIso(nowMs), count: total }, pagination };
}

function withoutId(row: Row, place: number): Row {
  return place === 0 ? { ...row, id: null } : row;
}

/** A call by somebody else on the same account, made while we were paging. */
function stranger(clock: Clock): SimulatedCall {
  const order = {
    agentId: 'agent_of_somebody_else',
    phoneNumber: '+14155550199',
    fromNumber: '+18005550199',
    variables: {},
    reference: null,
  };
  return newCall(order, {}, clock.now());
}
