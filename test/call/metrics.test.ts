import { FAILURE_TYPES } from '../../src/call/placement';
import type { CallResult } from '../../src/call/api-types';
import {
  FAILURE_LABELS,
  failureLabel,
  learnedByLabel,
  METRICS,
  OPEN_PHASES,
  type Metric,
} from '../../src/call/metrics';

const ALL: readonly Metric[] = Object.values(METRICS);

describe('METRICS', () => {
  it.each(ALL)('$name has a valid Prometheus name and a help text', ({ name, help, unit }) => {
    expect(name).toMatch(/^truedy_[a-z_]+[a-z]$/);
    expect([help, unit]).not.toContain('');
  });

  it('has unique names', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  });

  it.each(ALL.filter(({ unit }) => unit === 'seconds'))('$name ends in its unit', ({ name }) => {
    expect(name).toMatch(/_seconds$/);
  });

  it('has only labels with few values', () => {
    const labels = new Set(ALL.flatMap((metric) => metric.labels));
    expect([...labels].sort()).toEqual(
      [
        'answer',
        'flag',
        'kind',
        'learned_by',
        'limit',
        'outcome',
        'phase',
        'reason',
        'report',
        'result',
        'source',
        'status',
        'type',
      ].sort(),
    );
  });

  it('has ascending buckets for histograms only', () => {
    for (const { kind, buckets } of ALL) {
      expect(buckets !== undefined).toBe(kind === 'histogram');
      expect(buckets).toEqual(buckets && [...buckets].sort((a, b) => a - b));
    }
  });
});

describe('learnedByLabel', () => {
  const attempt = { number: 1, outcome: 'no_answer', learnedBy: 'poll' } as const;
  const label = (result: Partial<CallResult>) =>
    learnedByLabel({ outcome: 'no_answer', attempts: [], ...result });

  it('is the source of the last attempt’s outcome', () => {
    const answered = { number: 2, outcome: 'answered', learnedBy: 'webhook' } as const;
    expect(label({ outcome: 'answered', attempts: [attempt, attempt, answered] })).toBe('webhook');
  });

  it.each([
    ['nothing was placed', { outcome: 'expired', attempts: [] }],
    ['the run expired after an attempt', { outcome: 'expired', attempts: [attempt] }],
    [
      'the outcome is unknown',
      { outcome: 'unknown', attempts: [{ number: 1, outcome: 'unknown' }] },
    ],
  ] as const)('is none if %s', (_, result) => {
    expect(label(result)).toBe('none');
  });
});

describe('failureLabel', () => {
  it.each(FAILURE_TYPES)('is %s unchanged', (type) => {
    expect(failureLabel(type)).toBe(type);
    expect(FAILURE_LABELS).toContain(type);
  });

  it.each(['TypeError', '', null, undefined])('is other for %s', (type) => {
    expect(failureLabel(type)).toBe('other');
  });
});

describe('OPEN_PHASES', () => {
  it('exclude `ended`', () => {
    expect(OPEN_PHASES).toContain('unclear');
    expect(OPEN_PHASES).not.toContain('ended');
  });
});
