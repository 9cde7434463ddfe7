import * as fc from 'fast-check';
import { FLAGS, type AttemptReport, type CallView } from '../../../src/call/api-types';
import {
  currentDetails,
  staticSummary,
  type DetailsPage,
} from '../../../src/call/text/current-details';
import type { OutboundCallInput } from '../../../src/call/input';
import { PHASES, type UpdateName, allowedUpdates } from '../../../src/call/phase';
import { OUTCOMES } from '../../../src/call/outcome';
import { toPlan } from '../../../src/call/plan';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const FACTS = { apiTaskQueue: 'truedy-api', searchAttributes: true, timeScale: 1 };
const CALL = { agent_id: 'agent_01hx', phone_number: '+14155550101', variables: { name: 'Zoë' } };
const WINDOW = { timeZone: 'America/New_York', days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' };
const VIEW: CallView = {
  workflowId: 'call/crm-1',
  phase: 'ringing',
  since: '2026-12-01T08:59:30.000Z',
  because: 'Truedy reports ringing.',
  attempt: 1,
  attempts: [
    { number: 1, callId: 'call_1', placedAt: '2026-12-01T08:59:00.000Z', placedBy: 'response' },
  ],
  can: ['stop'],
};

function page(
  fields: Partial<CallView> = {},
  input: Partial<OutboundCallInput> = {},
  rest: Partial<DetailsPage> = {},
): string {
  const plan = toPlan({ call: CALL, ...input }, FACTS, { keys: ['k'] });
  const view = { ...VIEW, ...fields };
  return currentDetails({ view, plan, noMoreAttempts: false, notes: [], ...rest }, NOW);
}

/** The updates that the page offers. */
function offered(text: string): readonly UpdateName[] {
  const updates: Readonly<Record<string, UpdateName>> = {
    'redial-now': 'redialNow',
    reschedule: 'reschedule',
    stop: 'stop',
    resolve: 'resolve',
  };
  return [...text.matchAll(/(?<!\\)`temporal truedy ([a-z-]+) /g)].map(
    ([, verb = '']) => updates[verb] as UpdateName,
  );
}

describe('details', () => {
  it('shows phase, reason, attempts, number and available actions of a live call', () => {
    expect(page({ nextAt: '2026-12-01T09:02:00.000Z' })).toBe(
      [
        '### Ringing: the call has not been answered yet',
        '',
        'Truedy reports ringing.',
        '',
        '- **Since** 2026-12-01 08:59:30 UTC',
        '- **Next read** 2026-12-01 09:02:00 UTC (after 3 min)',
        '- Attempt 1 of 1: **open**, call `call_1`, placed 2026-12-01 08:59:00 UTC, confirmed by response',
        '- Truedy has no hang-up: when canceled, this call still runs to its end',
        '- Number `+1•••01`, agent `agent_01hx`',
        '',
        '**You can:**',
        '',
        '- let it continue',
        '- no further attempt after this one: `temporal truedy stop crm-1`',
        '',
        '*As of 2026-12-01 09:00:00 UTC, its last change. Press R to refresh.*',
      ].join('\n'),
    );
  });

  it('shows when calling hours begin, in local time and in UTC', () => {
    const can = allowedUpdates('waiting', false);
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
    expect(text).toContain('**Expires** 2026-12-05 23:00:00 UTC: no request is sent after that\n');
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

  it('shows until when an unclear call is open, and its result then', () => {
    const lastMs = Date.parse('2026-12-01T10:00:00Z');
    const text = page(
      { phase: 'unclear', nextAt: new Date(lastMs).toISOString(), can: ['resolve'] },
      {},
      { lastMs },
    );
    expect(text).toMatch(/^### Unclear: the phone may have rung\n/);
    expect(text).toContain(
      '**Open until** 2026-12-01 10:00:00 UTC, then the result is **unknown**\n',
    );
    expect(text).not.toContain('**Next');
  });

  it('shows when an unclear call is searched for again', () => {
    const text = page({ phase: 'unclear', nextAt: '2026-12-01T09:05:00.000Z' });
    expect(text).toContain('**Next search** 2026-12-01 09:05:00 UTC (after 6 min)\n');
  });

  it.each(['queued', 'ringing', 'in_progress'] as const)(
    'shows in %s when the call is read next',
    (phase) => {
      const text = page({ phase, nextAt: '2026-12-01T09:05:00.000Z' });
      expect(text).toContain('**Next read** 2026-12-01 09:05:00 UTC');
      expect(text).toContain('- Truedy has no hang-up');
    },
  );

  it.each(['waiting', 'redial_wait', 'held'] as const)(
    'shows in %s the next try, the expiry and the calling hours',
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

  it('shows the maximum duration of a call in progress', () => {
    const call = { ...CALL, call_settings: { max_duration: '1800s' } };
    expect(page({ phase: 'in_progress' }, { call })).toContain(
      '**Longest call** 30 min (`max_duration`)\n',
    );
    expect(page({ phase: 'ringing' }, { call })).not.toContain('Longest call');
  });

  it('shows how and when an attempt ended, and which source reported it', () => {
    const ended = {
      number: 2,
      outcome: 'busy',
      endedAt: '2026-12-01T08:59:30.000Z',
      learnedBy: 'poll',
      reason: 'SIP_TERMINATION_BUSY',
    } as const;
    expect(page({ attempts: [ended] })).toContain(
      '- Attempt 2 of 1: **busy**, ended 2026-12-01 08:59:30 UTC, reported by poll, reason SIP_TERMINATION_BUSY\n',
    );
    expect(page({ attempts: [{ number: 1, callId: '' }] })).toContain(
      '- Attempt 1 of 1: **open**\n',
    );
  });

  it('shows the reason for a phase in its heading', () => {
    expect(page({ phase: 'held' }, {}, { title: 'no credits at Truedy' })).toMatch(
      /^### Held: no credits at Truedy\n/,
    );
  });

  it.each(PHASES.map((phase) => [phase] as const))('has a heading for %s', (phase) => {
    expect(page({ phase })).toMatch(/^### [A-Z][a-z ]+: [A-Za-z]/);
  });

  it('offers nothing if no update is allowed', () => {
    expect(page({ can: [] })).not.toContain('You can');
  });

  it.each([
    ['redialNow', '`temporal truedy redial-now crm-1`'],
    ['reschedule', '`temporal truedy reschedule crm-1 --not-before TIME`'],
    ['stop', '`temporal truedy stop crm-1`'],
    ['resolve', '`temporal truedy resolve crm-1 --dialled --call-id CALL_ID` or `… --not-dialled`'],
  ] as const)('shows the command for %s', (name, command) => {
    expect(page({ can: [name] })).toContain(command);
  });

  it.each([
    ['redialNow', 'held', {}, 'try again now'],
    ['redialNow', 'waiting', {}, 'dial now'],
    ['redialNow', 'redial_wait', { window: WINDOW }, 'dial as soon as calling hours allow'],
    ['reschedule', 'waiting', {}, 'reschedule it'],
    ['resolve', 'unclear', {}, 'report what you found out'],
    ['stop', 'placing', {}, 'withdraw the request while it is queued'],
    ['stop', 'waiting', {}, 'end it'],
    ['stop', 'redial_wait', {}, 'end it'],
    ['stop', 'in_progress', {}, 'no further attempt after this one'],
  ] as const)('describes %s in %s', (name, phase, input, meaning) => {
    expect(page({ phase, can: [name] }, input)).toContain(`- ${meaning}: \`temporal truedy `);
  });

  it.each([
    ['waiting', 'do nothing and wait'],
    ['held', 'do nothing and wait'],
    ['ringing', 'let it continue'],
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
  ])('shows a placeholder for the id %s', (workflowId) => {
    expect(page({ workflowId })).toContain('`temporal truedy stop YourWorkflowId`');
  });

  it('shows that no further attempt was requested', () => {
    expect(page({}, {}, { noMoreAttempts: true })).toContain('- No further attempt, as requested');
    expect(page()).not.toContain('- No further attempt, as requested');
    expect(page({ phase: 'ended' }, {}, { noMoreAttempts: true })).not.toContain(
      'No further attempt',
    );
  });

  it('shows the flags of every attempt, and notes', () => {
    const attempts = [{ number: 1, flags: ['second_call'] as const }, { number: 2 }];
    const text = page({ attempts }, {}, { notes: ['looked at'] });
    expect(text).toContain(`- **Look at this:** attempt 1, ${FLAGS.second_call}\n`);
    expect(text).toContain('- looked at\n');
  });

  it('drops the oldest attempts first if the page is too long, and never the number', () => {
    const attempts = [1, 2, 3].map((number) => ({
      number,
      callId: 'x'.repeat(80),
      reason: '<'.repeat(80),
    }));
    const notes = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(160));
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
    expect(page({}, { redial, window: WINDOW })).not.toContain('at night');
    expect(page()).not.toContain('at night');
    expect(page({ phase: 'ended' }, { redial })).not.toContain('at night');
  });

  it('contains neither the number nor a variable', () => {
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

/** Untrusted text: markup, line breaks, numbers, wide characters, and far too much of it. */
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

const anyCall = fc.record({
  phase: fc.constantFrom(...PHASES),
  noMoreAttempts: fc.boolean(),
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

describe('the page of any call', () => {
  const check = (holds: (text: string, can: readonly UpdateName[]) => void) =>
    fc.assert(
      fc.property(anyCall, ({ phase, noMoreAttempts, agent, campaign, window, ...rest }) => {
        const { title, notes, lastMs, nextAt, ...view } = rest;
        const can = allowedUpdates(phase, noMoreAttempts);
        const text = page(
          { ...view, phase, can, ...(nextAt !== undefined && { nextAt }) },
          {
            call: { ...CALL, agent_id: agent },
            ...(campaign !== undefined && { labels: { campaign } }),
            ...(window && { window }),
          },
          {
            noMoreAttempts,
            notes,
            ...(title !== undefined && { title }),
            ...(lastMs !== undefined && { lastMs }),
          },
        );
        holds(text, can);
      }),
    );

  it('offers exactly the updates that are allowed', () => {
    check((text, can) => {
      expect(offered(text)).toEqual(can);
      expect(text.split('\n').filter((line) => line.startsWith('**You can:**'))).toHaveLength(
        can.length === 0 ? 0 : 1,
      );
    });
  });

  it('is complete and under 2 KB', () => {
    check((text) => {
      expect(Buffer.byteLength(text)).toBeLessThan(2_000);
      expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(1);
      expect(text).toMatch(/^### /);
      expect(text).toMatch(
        /\n\*As of 2026-12-01 09:00:00 UTC, its last change\. Press R to refresh\.\*$/,
      );
    });
  });

  it('shows no unmasked number', () => {
    check((text) => {
      expect(text).not.toMatch(/\+\d{7,}/);
    });
  });

  it('contains no unescaped untrusted text', () => {
    check((text) => {
      const prose = text.replaceAll(/\\[^\sA-Za-z0-9]/g, '').replaceAll(/`[^`\n]*`/g, '');
      expect(prose).not.toMatch(/[<>[\]|`]|:\/\/|www\./);
    });
  });
});

describe('untrusted text', () => {
  const EVIL = 'a\n\n<img src=x>`b';

  it.each([
    ['an agent', () => page({}, { call: { ...CALL, agent_id: EVIL } })],
    ['a call id', () => page({ attempts: [{ number: 1, callId: EVIL }] })],
  ])('cannot leave its code span as %s', (_, render) => {
    expect(render()).not.toContain('<img');
    expect(render()).toContain('aimgsrc=xb');
  });
});

describe('staticSummary', () => {
  const call = { phoneNumber: '+14155550101', agentId: 'agent_01hx' };

  it('contains the masked number, agent and campaign', () => {
    expect(staticSummary({ ...call, campaign: 'spring' })).toBe(
      'Call +1•••01 · agent_01hx · spring',
    );
  });

  it('omits a missing campaign', () => {
    expect(staticSummary(call)).toBe('Call +1•••01 · agent_01hx');
  });

  it.each(['x', '日', '🌸', '<', '\\'])('takes at most 200 bytes of %s', (character) => {
    const fields = { ...call, agentId: character.repeat(500), campaign: character.repeat(500) };
    const line = staticSummary(fields);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200);
    expect(line.replaceAll(/\\./g, '')).not.toMatch(/\\$/);
  });

  it('omits an empty campaign', () => {
    expect(staticSummary({ ...call, campaign: '' })).toBe('Call +1•••01 · agent_01hx');
  });

  it.each(['', 'a', 'ab'])('does not split an escape if the agent begins with %j', (start) => {
    const fields = { ...call, agentId: start + '<'.repeat(500), campaign: '<'.repeat(500) };
    const rest = staticSummary(fields).replaceAll('\\<', '');
    expect(rest).toBe(`Call +1•••01 · ${start} · `);
  });

  it('stays one line of plain text, whatever the campaign’s name', () => {
    const campaign = 'a\n# [b](http://evil) <img src=x> +14155550102';
    expect(staticSummary({ ...call, campaign })).toBe(
      'Call +1•••01 · agent_01hx · a \\# \\[b\\](http\\://evil) \\<img src=x\\> +1•••02',
    );
  });
});
