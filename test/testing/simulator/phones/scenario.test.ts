import { VIRTUAL_PHONES } from '../../../../src/testing/simulator/phones/scenario';
import { marked, simulated } from '../support/simulated';

/** The state of each number after a minute: status, outcome, duration in seconds. */
const ENDS: Readonly<Record<string, readonly [string, string | null, number | null]>> = {
  '+14155550100': ['ended', 'answered', 42],
  '+14155550102': ['ended', 'busy', 0],
  '+14155550103': ['ended', 'no_answer', 0],
  '+14155550104': ['ended', 'declined', 0],
  '+14155550105': ['failed', 'invalid_number', 0],
  '+14155550106': ['ended', 'voicemail', 42],
  '+14155550107': ['failed', 'unreachable', 0],
  '+14155550108': ['cancelled', 'cancelled', 0],
  '+14155550109': ['failed', 'failed', 0],
  '+14155550110': ['queued', null, null],
  '+14155550111': ['ringing', null, null],
  '+14155550112': ['in-progress', null, null],
  '+14155550125': ['ended', null, 42],
  '+14155550199': ['ended', 'answered', 42],
};

describe('virtual phones', () => {
  it.each(Object.entries(ENDS))('%s ends as %j', async (number, [status, outcome, seconds]) => {
    const { post, read, clock, json } = simulated();
    const { id } = await json(post({ phone_number: number }));
    await clock.advance(60_000);
    expect(await json(read(id))).toMatchObject({ status, outcome, duration_seconds: seconds });
  });

  it('have distinct numbers, all in the range reserved for fiction', () => {
    const numbers = VIRTUAL_PHONES.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toMatch(/^\+141555501\d\d$/);
  });

  it('+14155550116 goes through its outcomes once per conversation', async () => {
    const { post, read, clock, json } = simulated();
    const outcomes: string[] = [];
    for (const ref of ['n/a#1', 'n/a#2', 'n/a#3', 'n/a#4', 'n/b#1']) {
      const { id } = await json(post(marked(ref, '+14155550116')));
      await clock.advance(3_000);
      outcomes.push((await json(read(id))).outcome);
    }
    expect(outcomes).toEqual(['no_answer', 'busy', 'answered', 'answered', 'no_answer']);
  });

  it('+14155550115 delivers the last event before it responds to the POST', async () => {
    const { post, clock, events } = simulated();
    let answered = false;
    const answer = post({ phone_number: '+14155550115' }).then(() => {
      answered = true;
    });
    await clock.advance(2_999);
    expect(answered).toBe(false);
    await clock.advance(1);
    await answer;
    expect(events()).toContain('call.ended');
  });

  it('+14155550118 has a transcript of 5 MB', async () => {
    const { post, read, clock, json } = simulated();
    const { id } = await json(post({ phone_number: '+14155550118' }));
    await clock.advance(3_000);
    const bytes = JSON.stringify((await json(read(id))).transcript).length;
    expect(bytes).toBeGreaterThan(4_900_000);
    expect(bytes).toBeLessThan(5_100_000);
  });

  it('+14155550124 has its transcript two seconds after the end', async () => {
    const { post, read, clock, json } = simulated();
    const { id } = await json(post({ phone_number: '+14155550124' }));
    await clock.advance(3_000);
    expect(await json(read(id))).toMatchObject({ status: 'ended', transcript: null });
    await clock.advance(2_000);
    expect((await json(read(id))).transcript).toHaveLength(2);
  });

  it('run faster by `speed`', async () => {
    const { post, read, clock, json } = simulated({ speed: 10 });
    const { id } = await json(post());
    await clock.advance(300);
    expect((await json(read(id))).status).toBe('ended');
  });
});
