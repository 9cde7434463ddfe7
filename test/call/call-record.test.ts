import * as fc from 'fast-check';
import {
  advance,
  CALL_STATUSES,
  hasArtifacts,
  hasEnded,
  isAhead,
  isCompleteEnding,
  NOTHING_KNOWN,
  type CallRecord,
  type CallStatus,
} from '../../src/call/call-record';
import { anyRecord, record } from './support/records';

const RANK = ['queued', 'ringing', 'in_progress'];
const rank = (status: CallStatus | null) =>
  status === null ? -1 : RANK.includes(status) ? RANK.indexOf(status) : RANK.length;
const fold = (news: readonly CallRecord[]) => news.reduce(advance, NOTHING_KNOWN);

describe('advance', () => {
  it('learns nothing from the same news twice', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (known, news) => {
        const once = advance(known, news);
        expect(advance(once, news)).toEqual(once);
      }),
    );
  });

  it('never steps back, in any order of news', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (known, news) => {
        expect(rank(advance(known, news).status)).toBeGreaterThanOrEqual(rank(known.status));
      }),
    );
  });

  it('keeps the first ending, in any order of news', () => {
    fc.assert(
      fc.property(fc.array(anyRecord), (news) => {
        const first = news.find(hasEnded);
        fc.pre(first !== undefined);
        expect(fold(news).status).toBe(first?.status);
      }),
    );
  });

  it('arrives at the same status whatever the order, where one ending is told', () => {
    const open = fc.constantFrom<CallStatus | null>(null, 'queued', 'ringing', 'in_progress');
    const told = fc.tuple(
      fc.array(open),
      fc.constantFrom<CallStatus>('ended', 'failed', 'cancelled'),
    );
    const shuffled = told.chain(([before, ending]) =>
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

  it('never forgets or replaces a field', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (known, news) => {
        const { status: _, ...after } = advance(known, news);
        const kept = Object.entries(known).filter(([key, v]) => key !== 'status' && v !== null);
        expect(after).toMatchObject(Object.fromEntries(kept));
      }),
    );
  });

  it('learns nothing from a call of which nothing is known', () => {
    fc.assert(
      fc.property(anyRecord, (known) => expect(advance(known, NOTHING_KNOWN)).toEqual(known)),
    );
  });

  it.each(['duration_seconds', 'outcome', 'summary', 'transcript', 'recording_url', 'ended_at'])(
    'takes %s from news of an ending alone',
    (field) => {
      const told = { [field]: field === 'duration_seconds' ? 0 : 'x' };
      expect(advance(NOTHING_KNOWN, record({ status: 'ringing', ...told }))).toHaveProperty(
        field,
        null,
      );
      expect(advance(NOTHING_KNOWN, record({ status: 'ended', ...told }))).toMatchObject(told);
    },
  );

  it.each(['id', 'agent_id', 'from_number', 'created_at', 'started_at'])(
    'takes %s from any news',
    (field) => {
      const told = { [field]: 'x' };
      expect(advance(NOTHING_KNOWN, record({ status: 'ringing', ...told }))).toMatchObject(told);
    },
  );

  it('fills what a first ending left empty from a second one of another kind', () => {
    const known = record({ status: 'ended', duration_seconds: 9 });
    const news = record({ status: 'failed', duration_seconds: 1, summary: 'hung up' });
    expect(advance(known, news)).toEqual({ ...known, summary: 'hung up' });
  });
});

describe('hasEnded', () => {
  it.each([null, ...CALL_STATUSES])('tells it of %s', (status) => {
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
  ] as const)('of %s over %s: %s', (news, known, ahead) => {
    expect(isAhead(news, known)).toBe(ahead);
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
