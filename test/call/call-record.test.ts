import * as fc from 'fast-check';
import {
  mergeReport,
  CALL_STATUSES,
  hasArtifacts,
  hasEnded,
  isAhead,
  isCallId,
  isCompleteEnding,
  NOTHING_KNOWN,
  type CallRecord,
  type CallStatus,
} from '../../src/call/call-record';
import { anyRecord, record } from './support/records';

const RANK = ['queued', 'ringing', 'in_progress'];
const rank = (status: CallStatus | null) =>
  status === null ? -1 : RANK.includes(status) ? RANK.indexOf(status) : RANK.length;
const fold = (reports: readonly CallRecord[]) => reports.reduce(mergeReport, NOTHING_KNOWN);

describe('mergeReport', () => {
  it('changes nothing if the same report is merged again', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (known, report) => {
        const once = mergeReport(known, report);
        expect(mergeReport(once, report)).toEqual(once);
      }),
    );
  });

  it('never moves the status backward, in any order of reports', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (known, report) => {
        expect(rank(mergeReport(known, report).status)).toBeGreaterThanOrEqual(rank(known.status));
      }),
    );
  });

  it('keeps the first terminal status, in any order of reports', () => {
    fc.assert(
      fc.property(fc.array(anyRecord), (reports) => {
        const first = reports.find(hasEnded);
        fc.pre(first !== undefined);
        expect(fold(reports).status).toBe(first?.status);
      }),
    );
  });

  it('results in the same status in any order, if only one report is terminal', () => {
    const open = fc.constantFrom<CallStatus | null>(null, 'queued', 'ringing', 'in_progress');
    const statuses = fc.tuple(
      fc.array(open),
      fc.constantFrom<CallStatus>('ended', 'failed', 'cancelled'),
    );
    const shuffled = statuses.chain(([before, ending]) =>
      fc.tuple(
        fc.shuffledSubarray([...before, ending], { minLength: before.length + 1 }),
        fc.constant(ending),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([order, ending]) => {
        expect(fold(order.map((status) => record({ status }))).status).toBe(ending);
      }),
    );
  });

  it('never removes or replaces a field', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (known, report) => {
        const { status: _, ...after } = mergeReport(known, report);
        const kept = Object.entries(known).filter(([key, v]) => key !== 'status' && v !== null);
        expect(after).toMatchObject(Object.fromEntries(kept));
      }),
    );
  });

  it('changes nothing if the report is empty', () => {
    fc.assert(
      fc.property(anyRecord, (known) => expect(mergeReport(known, NOTHING_KNOWN)).toEqual(known)),
    );
  });

  it.each(['duration_seconds', 'outcome', 'summary', 'transcript', 'recording_url', 'ended_at'])(
    'takes %s only from a report of an ended call',
    (field) => {
      const fields = { [field]: field === 'duration_seconds' ? 0 : 'x' };
      expect(mergeReport(NOTHING_KNOWN, record({ status: 'ringing', ...fields }))).toHaveProperty(
        field,
        null,
      );
      expect(mergeReport(NOTHING_KNOWN, record({ status: 'ended', ...fields }))).toMatchObject(
        fields,
      );
    },
  );

  it.each(['id', 'agent_id', 'from_number', 'created_at', 'started_at'])(
    'takes %s from any report',
    (field) => {
      const fields = { [field]: 'x' };
      expect(mergeReport(NOTHING_KNOWN, record({ status: 'ringing', ...fields }))).toMatchObject(
        fields,
      );
    },
  );

  it('fills missing fields from a second report with another terminal status', () => {
    const known = record({ status: 'ended', duration_seconds: 9 });
    const report = record({ status: 'failed', duration_seconds: 1, summary: 'hung up' });
    expect(mergeReport(known, report)).toEqual({ ...known, summary: 'hung up' });
  });
});

describe('hasEnded', () => {
  it.each([null, ...CALL_STATUSES])('of status %s', (status) => {
    const over = status === 'ended' || status === 'failed' || status === 'cancelled';
    expect(hasEnded(record({ status }))).toBe(over);
  });
});

describe('isAhead', () => {
  it.each([
    ['ringing', 'queued', true],
    ['ended', 'in_progress', true],
    ['queued', null, true],
    ['ringing', 'ringing', false],
    ['ringing', 'in_progress', false],
    ['failed', 'ended', false],
    [null, 'queued', false],
  ] as const)('of %s over %s: %s', (report, known, ahead) => {
    expect(isAhead(report, known)).toBe(ahead);
  });
});

describe('isCompleteEnding', () => {
  it.each([
    ['a duration', { status: 'ended', duration_seconds: 0 }, true],
    ['an outcome', { status: 'failed', outcome: 'busy' }, true],
    ['an end time', { status: 'cancelled', ended_at: '2026-12-01T09:00:00.000Z' }, true],
    ['nothing else', { status: 'ended' }, false],
    ['a transcript only', { status: 'ended', transcript: 'hi', summary: 'hi' }, false],
    ['a duration of a call in progress', { status: 'in_progress', duration_seconds: 9 }, false],
    ['a duration and no status', { duration_seconds: 9 }, false],
  ] as const)('with %s', (_, known, complete) => {
    expect(isCompleteEnding(record(known))).toBe(complete);
  });
});

describe('hasArtifacts', () => {
  it.each([
    ['nothing', {}, false],
    ['a recording only', { recording_url: 'https://recordings.truedy.ai/x.mp3' }, false],
    ['a transcript', { transcript: [] }, true],
    ['a summary', { summary: '' }, true],
  ] as const)('with %s', (_, known, there) => {
    expect(hasArtifacts(record(known))).toBe(there);
  });
});

describe('isCallId', () => {
  it.each([
    'call_a1b2c3d4',
    'call_88333dcb-b',
    '7b3f0a52-6c1e-4a87-9d3b-0f2e1c4d5a69',
    'uv_call_123',
  ])('accepts %s', (id) => {
    expect(isCallId(id)).toBe(true);
  });

  it('accepts nothing that a URL path would change', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const stays = new URL(`http://h/calls/${id}`).pathname === `/calls/${id}`;
        expect(!isCallId(id) || stays).toBe(true);
      }),
    );
  });
});
