import { PHASES, UPDATE_NAMES, type Phase, allowedUpdates } from '../../src/call/phase';

const ALLOWED: Readonly<Record<Phase, readonly string[]>> = {
  waiting: ['redialNow', 'reschedule', 'stop'],
  placing: ['stop'],
  unclear: ['resolve', 'stop'],
  queued: ['stop'],
  ringing: ['stop'],
  in_progress: ['stop'],
  redial_wait: ['redialNow', 'reschedule', 'stop'],
  held: ['redialNow', 'reschedule', 'stop'],
  ended: [],
};

describe('allowedUpdates', () => {
  it.each(PHASES.map((phase) => [phase] as const))('lists the updates in %s', (phase) => {
    expect(allowedUpdates(phase, false)).toEqual(ALLOWED[phase]);
  });

  it.each(PHASES.map((phase) => [phase] as const))(
    'allows only `resolve` in %s if no further attempt is wanted',
    (phase) => {
      expect(allowedUpdates(phase, true)).toEqual(phase === 'unclear' ? ['resolve'] : []);
    },
  );

  it('covers every update', () => {
    const allowed = new Set(PHASES.flatMap((phase) => allowedUpdates(phase, false)));
    expect([...allowed].sort()).toEqual([...UPDATE_NAMES].sort());
  });
});
