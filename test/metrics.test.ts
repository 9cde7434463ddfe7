import {
  ANSWER_LABELS,
  FAILURE_LABELS,
  LEARNED_BY_LABELS,
  LIMIT_LABELS,
  METRICS,
  OPEN_PHASES,
  OPT_OUT_SOURCES,
  REPORT_LABELS,
  type Metric,
} from '../src/call/metrics';
import { OUTCOMES } from '../src/call/outcome';
import type { MetricsPage } from './support/metrics-page';
import { startMetricsRig, type MetricsRig } from './support/metrics-rig';

const ALL: readonly Metric[] = Object.values(METRICS);

let rig: MetricsRig;

beforeAll(async () => {
  rig = await startMetricsRig();
});

afterAll(async () => {
  await rig.stop();
});

describe('the metrics pages', () => {
  it.each(ALL)('contain $name with its kind, its help and only its labels', (metric) => {
    const { name, kind, help, labels } = metric;
    const page = rig.pageOf(metric);
    expect(page.kinds.get(name)).toBe(kind);
    expect(page.helps.get(name)).toBe(help);
    const own = page.series.filter((one) => baseOf(one.name, page) === name);
    expect(own).not.toEqual([]);
    for (const one of own) {
      // Labels the SDK adds to the metrics of workflows, and the bound of a bucket.
      const { taskQueue: _q, workflowType: _t, le: _le, ...rest } = one.labels;
      expect(Object.keys(rest).sort()).toEqual(['namespace', ...labels].sort());
    }
  });

  it('count an answered call by its outcome and by the source of the outcome', () => {
    expect(rig.byWebhook).toMatchObject({ outcome: 'answered' });
    const answered = { outcome: 'answered', learned_by: 'webhook' };
    expect(rig.worker.value('truedy_calls_ended', answered)).toBe(1);
  });

  it('count a call whose webhooks are lost with poll as the source', () => {
    const answered = { outcome: 'answered', learned_by: 'poll' };
    expect(rig.worker.value('truedy_calls_ended', answered)).toBe(1);
  });

  it('start at 0 for every other outcome, so that the first one shows as an increase', () => {
    for (const outcome of OUTCOMES.filter((one) => one !== 'answered')) {
      for (const learned_by of LEARNED_BY_LABELS) {
        expect(rig.worker.value('truedy_calls_ended', { outcome, learned_by })).toBe(0);
      }
    }
  });

  it('count a run that fails by the type of its failure', () => {
    expect(rig.worker.value('truedy_calls_failed', { type: 'InvalidInput' })).toBe(1);
    for (const type of FAILURE_LABELS.filter((one) => one !== 'InvalidInput')) {
      expect(rig.worker.value('truedy_calls_failed', { type })).toBe(0);
    }
  });

  it('count the requests that Truedy received', () => {
    expect(rig.worker.value('truedy_requests', { kind: 'place', status: '201' })).toBe(2);
    expect(rig.ledger.dials).toHaveLength(2);
    expect(rig.worker.value('truedy_requests', { kind: 'read', status: '200' })).toBe(
      rig.ledger.reads,
    );
    expect(rig.ledger.reads).toBeGreaterThan(0);
  });

  it('report how many reads each call took', () => {
    expect(rig.worker.value('truedy_reads_per_call_count')).toBe(2);
    expect(rig.worker.value('truedy_reads_per_call_sum')).toBe(rig.ledger.reads);
    expect(rig.worker.value('truedy_reads_per_call_bucket', { le: '0' })).toBe(1);
  });

  it('report the open calls by phase', () => {
    expect(rig.worker.value('truedy_calls_open', { phase: 'unclear' })).toBeGreaterThanOrEqual(1);
    for (const phase of OPEN_PHASES) {
      expect(rig.worker.value('truedy_calls_open', { phase })).toBeGreaterThanOrEqual(0);
    }
  });

  it('count the questions to contacts by answer', () => {
    const answered = (answer: string) => rig.worker.value('truedy_contact_asks', { answer });
    // The two calls asked, too.
    expect(ANSWER_LABELS.map((answer) => [answer, answered(answer)])).toEqual([
      ['reserved', 4],
      ['not_before', 1],
      ['opted_out', 1],
      ['late', 1],
    ]);
    expect(rig.worker.value('truedy_contact_limits_changed')).toBe(2);
  });

  it('count a person who opted out once, by what the opt-out came from', () => {
    for (const source of OPT_OUT_SOURCES) {
      expect(rig.worker.value('truedy_contact_opt_outs', { source })).toBe(1);
    }
  });

  it('count a call beyond the policy by its limit, and start at 0 for the other limits', () => {
    for (const limit of LIMIT_LABELS) {
      const count = rig.worker.value('truedy_contact_exceeded', { limit });
      expect([limit, count]).toEqual([limit, limit === 'perDay' ? 1 : 0]);
    }
    for (const report of REPORT_LABELS) {
      expect(rig.worker.value('truedy_contact_reports_lost', { report })).toBe(0);
    }
  });

  it('report that Temporal is reachable', () => {
    expect(rig.worker.value('truedy_temporal_reachable')).toBe(1);
  });

  it('count an accepted delivery, and its delay', () => {
    expect(rig.bridge.value('truedy_deliveries', { result: 'taken' })).toBe(1);
    expect(rig.bridge.value('truedy_webhook_lag_seconds_count')).toBe(1);
    expect(rig.bridge.value('truedy_signal_seconds_count')).toBe(1);
  });

  it('contain no number and no id', () => {
    const ids = [rig.byWebhook, rig.byPoll].map(({ callId = 'missing' }) => callId);
    const personal = new RegExp(`555\\d{4}|call/|contact/|${ids.join('|')}`);
    for (const { text } of [rig.worker, rig.bridge]) expect(personal.exec(text)).toBeNull();
  });
});

/** Maps a series such as `temporal_…_bucket` to its histogram. */
function baseOf(name: string, page: MetricsPage): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return page.kinds.get(base) === 'histogram' ? base : name;
}
