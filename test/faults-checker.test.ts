import { violations, type Observed } from './faults/support/checker';

const good: Observed = {
  workflowId: 'call/a',
  dials: [{ ref: 'default/call/a#1', callId: 'call_1' }],
  result: { outcome: 'answered', attempts: [{ number: 1, callId: 'call_1', outcome: 'answered' }] },
};

describe('the checker of fault runs', () => {
  it('finds no violation in a good run', () => {
    expect(violations([good])).toEqual([]);
  });

  it('finds a second dial of one reference', () => {
    const dials = [...good.dials, { ref: 'default/call/a#1', callId: 'call_2' }];
    expect(violations([{ ...good, dials }])).toEqual(['default/call/a#1 was dialed 2 times']);
  });

  it('finds a run that never closed', () => {
    const { result: _, ...open } = good;
    expect(violations([open])).toEqual(['call/a is lost: it never closed']);
  });

  it('finds a reported call that was never dialed', () => {
    expect(violations([{ ...good, dials: [] }])).toEqual([
      'call/a reports call_1, which was never dialed',
    ]);
  });

  it('finds a result without attempts for a dialed call', () => {
    const result = { outcome: 'expired', attempts: [] } as const;
    expect(violations([{ ...good, result }])).toEqual([
      'call/a reports no attempts, but was dialed',
    ]);
  });
});
