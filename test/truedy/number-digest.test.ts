import { numberDigest } from '../../src/truedy/number-digest';

const RUN = { namespace: 'default', workflowId: 'call/crm-1' };
const OURS = numberDigest(RUN, '+14155550101');

describe('numberDigest', () => {
  it('is 32 hex digits, without the number', () => {
    expect(OURS).toMatch(/^[0-9a-f]{32}$/);
    expect(OURS).not.toContain('4155550101');
  });

  it.each(['14155550101', '0014155550101', '+1 (415) 555-0101'])('is the same for %s', (number) => {
    expect(numberDigest(RUN, number)).toBe(OURS);
  });

  it.each([
    ['number', RUN, '+14155550102'],
    ['conversation', { ...RUN, workflowId: 'call/crm-2' }, '+14155550101'],
    ['namespace', { ...RUN, namespace: 'other' }, '+14155550101'],
  ])('differs for another %s', (_, run, number) => {
    expect(numberDigest(run, number)).not.toBe(OURS);
  });

  it('stays as runs in history have it', () => {
    expect(OURS).toBe('a254985515cc8167f3f5e1e5aa7d29cc');
  });
});
