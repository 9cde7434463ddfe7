import { PHASES, STEPS, type Phase } from '../../src/call/api-types';
import { stepsIn } from '../../src/call/phase';

const TAKEN: Readonly<Record<Phase, readonly string[]>> = {
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

describe('stepsIn', () => {
  it.each(PHASES.map((phase) => [phase] as const))('tells what is taken in %s', (phase) => {
    expect(stepsIn(phase, false)).toEqual(TAKEN[phase]);
  });

  it.each(PHASES.map((phase) => [phase] as const))(
    'takes only a word on what is unclear in %s once no further attempt is wanted',
    (phase) => {
      expect(stepsIn(phase, true)).toEqual(phase === 'unclear' ? ['resolve'] : []);
    },
  );

  it('knows every step', () => {
    const taken = new Set(PHASES.flatMap((phase) => stepsIn(phase, false)));
    expect([...taken].sort()).toEqual([...STEPS].sort());
  });
});
