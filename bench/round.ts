import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { DevServer } from '../src/testing/dev-server/dev-server';
import type { Contender } from './contenders';
import { cpuMs, machineCpuMs } from './cpu';
import { toNumber } from './open-calls';
import { fieldsOf } from './requests';

export interface Load {
  readonly calls: number;
  readonly perSecond: number;
}

/** Where a round is played. */
export interface Place {
  readonly server: DevServer;
  readonly client: Client;
}

/** What one contender used in one round, for each call. */
export interface Used {
  readonly serverMs: number;
  readonly workerMs: number;
  readonly bridgeMs: number;
  readonly cpuMs: number;
  readonly requests: number;
  readonly events: number;
  readonly actions: number;
  /** From the end of the call until its run closed, by the clocks of this machine. */
  readonly detectionMs: readonly number[];
  /** The share of the machine that neither the contender nor its surroundings used. */
  readonly othersShare: number;
}

/** An open loop: calls start at a constant rate, whether or not earlier ones have ended. */
export async function playRound(
  contender: Contender,
  { server, client }: Place,
  { calls, perSecond }: Load,
): Promise<Used> {
  const { workerPid, bridge, vendorPid, start } = contender;
  const counted = [server.pid ?? 0, workerPid, ...(bridge === undefined ? [] : [bridge.pid])];
  const around = [...counted, vendorPid, process.pid];
  const requestsBefore = await contender.requests();
  const before = counted.map(cpuMs);
  const [aroundBefore, machineBefore] = [sum(around.map(cpuMs)), machineCpuMs()];
  const handles: WorkflowHandle[] = [];
  const startedMs = performance.now();
  for (let one = 0; one < calls; one += 1) {
    await sleep(Math.max(0, startedMs + (one * 1_000) / perSecond - performance.now()));
    handles.push(await start(client, toNumber(one)));
  }
  const results = await Promise.all(handles.map((handle) => handle.result()));
  const perCall = counted.map((pid, index) => (cpuMs(pid) - (before[index] ?? 0)) / calls);
  const [serverMs = 0, workerMs = 0, bridgeMs = 0] = perCall;
  const machine = machineCpuMs() - machineBefore;
  const others = machine - (sum(around.map(cpuMs)) - aroundBefore);
  const requests = (await contender.requests()) - requestsBefore;
  const runs = await Promise.all(handles.slice(0, MOST_HISTORIES).map(historyOf));
  return {
    serverMs,
    workerMs,
    bridgeMs,
    cpuMs: sum(perCall),
    requests: requests / calls,
    events: sum(runs.map(({ length }) => length)) / runs.length,
    actions: sum(runs.map(actionsIn)) / runs.length,
    detectionMs: runs.flatMap((events, index) => detectionMs(events, results[index])),
    // The parts are read one after the other, so their sum can exceed the whole by a tick.
    othersShare: Math.max(0, others / machine),
  };
}

// --- internal ---

type Event = temporal.api.history.v1.IHistoryEvent;

/** Enough for the median and the 99th percentile. */
const MOST_HISTORIES = 100;

async function historyOf(handle: WorkflowHandle): Promise<readonly Event[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** By Temporal's list of actions (docs.temporal.io/cloud/actions), as far as a history shows them. */
function actionsIn(events: readonly Event[]): number {
  return events.filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes ??
      event.workflowExecutionSignaledEventAttributes ??
      event.workflowExecutionUpdateAcceptedEventAttributes ??
      event.activityTaskScheduledEventAttributes ??
      event.timerStartedEventAttributes ??
      event.markerRecordedEventAttributes ??
      event.upsertWorkflowSearchAttributesEventAttributes,
  ).length;
}

function detectionMs(events: readonly Event[], result: unknown): readonly number[] {
  const closed = events.at(-1)?.eventTime;
  if (!closed) return [];
  const { endedAt, call } = fieldsOf(result);
  const endedMs = Date.parse(String(endedAt ?? fieldsOf(call)['ended_at']));
  if (Number.isNaN(endedMs)) return [];
  return [Number(closed.seconds) * 1_000 + (closed.nanos ?? 0) / 1e6 - endedMs];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
