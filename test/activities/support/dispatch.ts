import type * as activity from '@temporalio/activity';
import { createPlaceCall, type MayDial } from '../../../src/activities/place-call';
import type { ServerQuestions } from '../../../src/activities/server-questions';
import { freeze, type DialConditions, type FrozenRequest } from '../../../src/call/dial-request';
import type { Placed } from '../../../src/call/placement';
import type { TruedyCall } from '../../../src/truedy/truedy-call';
import { TruedyNotSentError } from '../../../src/truedy/errors';
import { call, NUMBER, RUN, server, surroundings, vendor } from './environment';

export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
export const REQUEST = freeze(
  { agent_id: 'agent_01hx', phone_number: NUMBER },
  { namespace: 'default', workflowId: 'call/crm-1', attempt: 1, runId: RUN, firstRunId: RUN },
  '0123456789abcdef0123456789abcdef',
);
export const CONDITIONS: DialConditions = {
  attempt: 1,
  labels: { campaign: 'spring' },
  timeScale: 1,
};

export const never = () => new Promise<never>(() => undefined);

export interface Overrides {
  readonly answer?: () => Promise<TruedyCall>;
  readonly request?: Partial<FrozenRequest>;
  readonly conditions?: Partial<DialConditions>;
  readonly mayDial?: MayDial;
  readonly server?: Partial<ServerQuestions>;
  /** Happens after the last question, before the first byte. */
  readonly beforeFirstByte?: () => void;
  readonly info?: Partial<activity.Info>;
  /** The worker's time scale. Default: that of the request. */
  readonly timeScale?: number;
}

/** Places one call with the given exceptions from a healthy setup, and counts the requests. */
export function dispatch(overrides: Overrides = {}) {
  const sent: [request: unknown, replyMs: number][] = [];
  const conditions = { ...CONDITIONS, ...overrides.conditions };
  const placeCall = createPlaceCall({
    truedy: vendor({
      placeCall: async (request, replyMs, beforeSend, isInTime) => {
        const isWanted = await beforeSend();
        overrides.beforeFirstByte?.();
        if (!isWanted || !isInTime()) throw new TruedyNotSentError('POST /calls', 'was withdrawn');
        sent.push([request, replyMs]);
        return overrides.answer?.() ?? call();
      },
    }),
    server: server(overrides.server),
    mayDial: overrides.mayDial ?? (async () => 'yes'),
    timeScale: overrides.timeScale ?? conditions.timeScale,
  });
  const placed: Promise<Placed> = surroundings(overrides.info).run(
    placeCall,
    { ...REQUEST, ...overrides.request },
    conditions,
  );
  return { placed, sent };
}

/** Dispatches a request, and advances the timers by the given time. */
export async function after(delayMs: number, overrides: Overrides) {
  const { placed, sent } = dispatch(overrides);
  await jest.advanceTimersByTimeAsync(delayMs);
  return { placed: await placed, requests: sent.length };
}

export const place = (overrides: Overrides = {}) => after(0, overrides);
