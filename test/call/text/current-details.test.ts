import * as fc from 'fast-check';
import { FLAGS } from '../../../src/call/flags';
import { details, ringsAtNight, type Page } from '../../../src/call/text/current-details';
import type { OutboundCallInput } from '../../../src/call/input';
import { PHASES, type AttemptReport, type CallView, type Step } from '../../../src/call/api-types';
import { OUTCOMES } from '../../../src/call/outcome';
import { toPlan } from '../../../src/call/plan';
import { stepsIn } from '../../../src/call/phase';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const FACTS = { apiTaskQueue: 'truedy-api', searchAttributes: true, timeScale: 1 };
const CALL = { agent_id: 'agent_01hx', phone_number: '+14155550101', variables: { name: 'Zoë' } };
const WINDOW = { timeZone: 'America/New_York', days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' };
const VIEW: CallView = {
  workflowId: 'call/crm-1',
  phase: 'ringing',
  since: '2026-12-01T08:59:30.000Z',
  because: 'The vendor says ringing.',
  attempt: 1,
  attempts: [
    { number: 1, callId: 'call_1', placedAt: '2026-12-01T08:59:00.000Z', placedBy: 'response' },
  ],
  can: ['stop'],
};

function page(
  told: Partial<CallView> = {},
  input: Partial<OutboundCallInput> = {},
  rest: Partial<Page> = {},
): string {
  const plan = toPlan({ call: CALL, ...input }, FACTS, { keys: ['k'] });
  const view = { ...VIEW, ...told };
  return details({ view, plan, isOver: false, notes: [], ...rest }, NOW);
}

/** The steps a reader of the page is offered. */
function offered(text: string): readonly Step[] {
  const steps: Readonly<Record<string, Step>> = {
    'redial-now': 'redialNow',
    reschedule: 'reschedule',
    stop: 'stop',
    resolve: 'resolve',
  };
  return [...text.matchAll(/(?<!\\)`temporal truedy ([a-z-]+) /g)].map(
    ([, verb = '']) => steps[verb] as Step,
  );
}

describe('details', () => {
  it('tells of a live call its phase, why, attempts, number and what a person may do', () => {
    expect(page({ nextAt: '2026-12-01T09:02:00.000Z' })).toBe(
      [
        '### Ringing: nobody has answered yet',
        '',
        'The vendor says ringing.',
        '',
        '- **Since** 2026-12-01 08:59:30 UTC',
        '- **Next** 2026-12-01 09:02:00 UTC (after 3 min)',
        '- Attempt 1 of 1: **open**, call `call_1`, placed 2026-12-01 08:59:00 UTC, known by response',
        '- Truedy has no hang-up: when cancelled, this call still runs to its end',
        '- Number `+1•••01`, agent `agent_01hx`',
        '',
        '**You can:**',
        '',
        '- let it go on',
        '- no further attempt after this one: `temporal truedy stop crm-1`',
        '',
        '*As of 2026-12-01 09:00:00 UTC, its last change. Press R to refresh.*',
      ].join('\n'),
    );
  });

  it('tells of a wait for calling hours when they are, there and in UTC', () => {
    const can = stepsIn('waiting', false);
    const text = page(
      { phase: 'waiting', nextAt: '2026-12-03T14:00:00.000Z', attempts: [], can },
      { window: WINDOW },
      {
        title: 'outside calling hours',
        nextThere: 'Thu 3 Dec 09:00 America/New_York',
        lastMs: Date.parse('2026-12-05T23:00:00Z'),
      },
    );
    expect(text).toMatch(/^### Waiting: outside calling hours\n/);
    expect(text).toContain(
      '**Next try** 2026-12-03 14:00:00 UTC (after 2 d 5 h): Thu 3 Dec 09:00 America/New_York\n',
    );
    expect(text).toContain('**Expires** 2026-12-05 23:00:00 UTC: after that nothing is sent\n');
    expect(text).toContain('**Calling hours** Mon-Fri 09:00-18:00 America/New_York\n');
    expect(text).toContain('dial as soon as calling hours allow: `temporal truedy redial-now');
  });

  it.each([
    [undefined, 'Mon-Sun'],
    [[1, 2, 3, 4, 5], 'Mon-Fri'],
    [[5, 3, 1], 'Mon, Wed, Fri'],
    [[6, 7], 'Sat, Sun'],
    [[2, 4], 'Tue, Thu'],
  ])('names the days %j %s', (days, named) => {
    const { days: _, ...hours } = WINDOW;
    const window = { ...hours, ...(days && { days }) };
    expect(page({ phase: 'waiting' }, { window })).toContain(`**Calling hours** ${named} 09:00`);
  });

  it('tells of an unclear call until when it is open, and how it ends then', () => {
    const lastMs = Date.parse('2026-12-01T10:00:00Z');
    const text = page(
      { phase: 'unclear', nextAt: new Date(lastMs).toISOString(), can: ['resolve'] },
      {},
      { lastMs },
    );
    expect(text).toMatch(/^### Unclear: the phone may have rung\n/);
    expect(text).toContain('**Open until** 2026-12-01 10:00:00 UTC, then it ends as **unknown**\n');
    expect(text).not.toContain('**Next');
  });

  it('tells of an unclear call when it is looked for again', () => {
    const text = page({ phase: 'unclear', nextAt: '2026-12-01T09:05:00.000Z' });
    expect(text).toContain('**Next look** 2026-12-01 09:05:00 UTC (after 6 min)\n');
  });

  it.each(['queued', 'ringing', 'in_progress'] as const)(
    'tells of a call in %s when it is read next',
    (phase) => {
      const text = page({ phase, nextAt: '2026-12-01T09:05:00.000Z' });
      expect(text).toContain('**Next** 2026-12-01 09:05:00 UTC');
      expect(text).toContain('- Truedy has no hang-up');
    },
  );

  it.each(['waiting', 'redial_wait', 'held'] as const)(
    'tells in %s of the next try, the expiry and the calling hours',
    (phase) => {
      const lastMs = Date.parse('2026-12-05T23:00:00Z');
      const text = page(
        { phase, nextAt: '2026-12-01T09:05:00.000Z' },
        { window: WINDOW },
        { lastMs },
      );
      for (const name of ['Next try', 'Expires', 'Calling hours'])
        expect(text).toContain(`**${name}**`);
      expect(text).not.toContain('hang-up');
    },
  );

  it('tells while a person talks how long that can last', () => {
    const call = { ...CALL, call_settings: { max_duration: '1800s' } };
    expect(page({ phase: 'in_progress' }, { call })).toContain(
      '**Longest talk** 30 min (`max_duration`)\n',
    );
    expect(page({ phase: 'ringing' }, { call })).not.toContain('Longest talk');
  });

  it('tells of an attempt that ended how and when, and how that was learned', () => {
    const ended = {
      number: 2,
      outcome: 'busy',
      endedAt: '2026-12-01T08:59:30.000Z',
      learnedBy: 'poll',
      reason: 'SIP_TERMINATION_BUSY',
    } as const;
    expect(page({ attempts: [ended] })).toContain(
      '- Attempt 2 of 1: **busy**, ended 2026-12-01 08:59:30 UTC, learned by poll, reason SIP_TERMINATION_BUSY\n',
    );
    expect(page({ attempts: [{ number: 1, callId: '' }] })).toContain(
      '- Attempt 1 of 1: **open**\n',
    );
  });

  it('says the reason of a phase in its heading', () => {
    expect(page({ phase: 'held' }, {}, { title: 'no credits at Truedy' })).toMatch(
      /^### Held: no credits at Truedy\n/,
    );
  });

  it.each(PHASES.map((phase) => [phase] as const))('has a heading for %s', (phase) => {
    expect(page({ phase })).toMatch(/^### [A-Z][a-z ]+: [A-Za-z]/);
  });

  it('offers nothing where nothing can be done', () => {
    expect(page({ can: [] })).not.toContain('You can');
  });

  it.each([
    ['redialNow', '`temporal truedy redial-now crm-1`'],
    ['reschedule', '`temporal truedy reschedule crm-1 --not-before TIME`'],
    ['stop', '`temporal truedy stop crm-1`'],
    ['resolve', '`temporal truedy resolve crm-1 --dialled --call-id CALL_ID` or `… --not-dialled`'],
  ] as const)('shows the command for %s', (step, command) => {
    expect(page({ can: [step] })).toContain(command);
  });

  it.each([
    ['redialNow', 'held', {}, 'try again now'],
    ['redialNow', 'waiting', {}, 'dial now'],
    ['redialNow', 'redial_wait', { window: WINDOW }, 'dial as soon as calling hours allow'],
    ['reschedule', 'waiting', {}, 'move it'],
    ['resolve', 'unclear', {}, 'say what you know'],
    ['stop', 'placing', {}, 'withdraw it while it is queued'],
    ['stop', 'waiting', {}, 'end it'],
    ['stop', 'redial_wait', {}, 'end it'],
    ['stop', 'in_progress', {}, 'no further attempt after this one'],
  ] as const)('says what %s does in %s', (step, phase, input, meaning) => {
    expect(page({ phase, can: [step] }, input)).toContain(`- ${meaning}: \`temporal truedy `);
  });

  it.each([
    ['waiting', 'let it wait'],
    ['held', 'let it wait'],
    ['ringing', 'let it go on'],
  ] as const)('offers in %s to do nothing', (phase, meaning) => {
    expect(page({ phase })).toContain(`**You can:**\n\n- ${meaning}\n`);
  });

  it.each([
    'call/a b',
    'call/a$&b',
    'call/`a',
    'call/+14155550101',
    `call/${'x'.repeat(200)}`,
    'order-1',
  ])('asks for the id %s, which a command cannot show', (workflowId) => {
    expect(page({ workflowId })).toContain('`temporal truedy stop YourWorkflowId`');
  });

  it('says that no further attempt follows where that was asked for', () => {
    expect(page({}, {}, { isOver: true })).toContain('- No further attempt follows');
    expect(page()).not.toContain('- No further attempt follows');
    expect(page({ phase: 'ended' }, {}, { isOver: true })).not.toContain('No further attempt');
  });

  it('shows the flags of every attempt, and notes', () => {
    const attempts = [{ number: 1, flags: ['second_call'] as const }, { number: 2 }];
    const text = page({ attempts }, {}, { notes: ['looked at'] });
    expect(text).toContain(`- **Look at this:** attempt 1, ${FLAGS.second_call}\n`);
    expect(text).toContain('- looked at\n');
  });

  it('leaves out the older attempts first where there is too much, and never the number', () => {
    const attempts = [1, 2, 3].map((number) => ({
      number,
      callId: 'x'.repeat(80),
      reason: '<'.repeat(80),
    }));
    const notes = ['a', 'b', 'c', 'd', 'e', 'f'].map((sign) => sign.repeat(160));
    const text = page({ attempts }, {}, { notes });
    expect(text).toContain('Attempt 3 of 1');
    expect(text).not.toContain('Attempt 1 of 1');
    expect(text).toContain('Number `+1•••01`');
  });

  it('shows the campaign', () => {
    expect(page({}, { labels: { campaign: 'spring' } })).toContain(', campaign spring\n');
  });

  it('shows the last five attempts', () => {
    const attempts = Array.from({ length: 8 }, (_, index) => ({ number: index + 1 }));
    const numbers = [...page({ attempts }).matchAll(/Attempt (\d+) of/g)].map(([, n]) => Number(n));
    expect(numbers).toEqual([4, 5, 6, 7, 8]);
  });

  it('warns of a redial without calling hours', () => {
    const redial = { maxAttempts: 2, after: { busy: ['5m'] } };
    expect(page({}, { redial })).toContain('a redial can ring at night');
    expect(page()).not.toContain('at night');
    expect(page({ phase: 'ended' }, { redial })).not.toContain('at night');
  });

  it('holds neither the number nor a variable', () => {
    expect(page()).not.toMatch(/4155550101|Zoë/);
  });
});

const WORST = [
  '<img src=x onerror=alert(1)>',
  '`',
  '\n\n# ',
  '[a](http://evil.example)',
  '**You can:** ',
  '`temporal truedy stop x`',
  'https://evil.example',
  'www.evil.example',
  '| a | b |',
  '+14155550101',
  '+4930123456',
  '日本',
  '🌸',
  '\\',
  '_',
  '&lt;',
  'no_answer',
  ' ',
  'x',
] as const;

/** Text of others at its worst: markup, line breaks, numbers, wide signs, and far too much of it. */
const foreign = fc
  .array(fc.constantFrom(...WORST), { maxLength: 400 })
  .map((parts) => parts.join(''));

const attempt: fc.Arbitrary<AttemptReport> = fc.record(
  {
    number: fc.integer({ min: 1, max: 20 }),
    callId: foreign,
    outcome: fc.constantFrom(...OUTCOMES),
    placedAt: fc.constant('2026-12-01T08:59:00.000Z'),
    endedAt: fc.constant('2026-12-01T08:59:30.000Z'),
    placedBy: fc.constantFrom('response', 'listing', 'webhook', 'resolve'),
    learnedBy: fc.constantFrom('webhook', 'poll', 'resolve'),
    reason: foreign,
  },
  { requiredKeys: ['number'] },
);

const conversation = fc.record({
  phase: fc.constantFrom(...PHASES),
  isOver: fc.boolean(),
  workflowId: fc.oneof(
    fc.constant('call/crm-1'),
    foreign.map((text) => `call/${text}`),
  ),
  because: foreign,
  title: fc.option(foreign, { nil: undefined }),
  attempts: fc.array(attempt, { maxLength: 20 }),
  nextAt: fc.option(fc.constant('2026-12-03T14:00:00.000Z'), { nil: undefined }),
  lastMs: fc.option(fc.constant(NOW + 86_400_000), { nil: undefined }),
  window: fc.option(fc.constant(WINDOW), { nil: undefined }),
  agent: foreign,
  campaign: fc.option(foreign, { nil: undefined }),
  notes: fc.array(foreign, { maxLength: 5 }),
});

describe('the page of any conversation', () => {
  const check = (holds: (text: string, can: readonly Step[]) => void) =>
    fc.assert(
      fc.property(conversation, ({ phase, isOver, agent, campaign, window, ...told }) => {
        const { title, notes, lastMs, nextAt, ...view } = told;
        const can = stepsIn(phase, isOver);
        const text = page(
          { ...view, phase, can, ...(nextAt !== undefined && { nextAt }) },
          {
            call: { ...CALL, agent_id: agent },
            ...(campaign !== undefined && { labels: { campaign } }),
            ...(window && { window }),
          },
          {
            isOver,
            notes,
            ...(title !== undefined && { title }),
            ...(lastMs !== undefined && { lastMs }),
          },
        );
        holds(text, can);
      }),
    );

  it('offers exactly what would be taken', () => {
    check((text, can) => {
      expect(offered(text)).toEqual(can);
      expect(text.split('\n').filter((line) => line.startsWith('**You can:**'))).toHaveLength(
        can.length === 0 ? 0 : 1,
      );
    });
  });

  it('begins with its heading and ends with the time it is of, whole, under 2 KB', () => {
    check((text) => {
      expect(Buffer.byteLength(text)).toBeLessThan(2_000);
      expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(1);
      expect(text).toMatch(/^### /);
      expect(text).toMatch(
        /\n\*As of 2026-12-01 09:00:00 UTC, its last change\. Press R to refresh\.\*$/,
      );
    });
  });

  it('shows no number in clear', () => {
    check((text) => {
      expect(text).not.toMatch(/\+\d{7,}/);
    });
  });

  it('renders nothing that is not ours', () => {
    check((text) => {
      const prose = text.replaceAll(/\\[^\sA-Za-z0-9]/g, '').replaceAll(/`[^`\n]*`/g, '');
      expect(prose).not.toMatch(/[<>[\]|`]|:\/\/|www\./);
    });
  });
});

describe('ringsAtNight', () => {
  const window = { timeZone: 'Europe/Berlin', from: '09:00', to: '18:00' };
  const redial = { maxAttempts: 2, after: { busy: ['5m'] } };
  it.each([
    ['a redial without a window', { redial }, true],
    ['a redial with a window', { redial, window }, false],
    ['no redial', {}, false],
  ] as const)('of %s', (_, input, night) => {
    expect(ringsAtNight(toPlan({ call: CALL, ...input }, FACTS, { keys: ['k'] }))).toBe(night);
  });
});

describe('text that is not ours', () => {
  const EVIL = 'a\n\n<img src=x>`b';

  it.each([
    ['an agent', () => page({}, { call: { ...CALL, agent_id: EVIL } })],
    ['a call id', () => page({ attempts: [{ number: 1, callId: EVIL }] })],
  ])('cannot leave its code span as %s', (_, render) => {
    expect(render()).not.toContain('<img');
    expect(render()).toContain('aimgsrc=xb');
  });
});
