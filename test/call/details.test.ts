import * as fc from 'fast-check';
import { details, ringsAtNight } from '../../src/call/details';
import type { OutboundCallInput } from '../../src/call/input';
import { PHASES, type CallView } from '../../src/call/messages';
import { toPlan } from '../../src/call/plan';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const FACTS = { apiTaskQueue: 'truedy-api', searchAttributes: true, timeScale: 1 };
const CALL = { agent_id: 'agent_01hx', phone_number: '+14155550101', variables: { name: 'Zoë' } };
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
  flags: readonly string[] = [],
): string {
  const plan = toPlan({ call: CALL, ...input }, FACTS, ['k']);
  return details({ view: { ...VIEW, ...told }, plan, flags, notes: [] }, NOW);
}

describe('details', () => {
  it('tells phase, why, attempts, number and what a person may do', () => {
    expect(page({ nextAt: '2026-12-01T09:02:00.000Z' })).toBe(
      [
        '### Ringing',
        'The vendor says ringing.',
        'Since 2026-12-01 08:59:30 UTC. **Next** 2026-12-01 09:02:00 UTC (in 2 min).',
        '',
        '- Attempt 1 of 1: **open**, call `call_1`, placed 2026-12-01 08:59:00 UTC, known by response',
        '- Number `+1•••01`, agent `agent_01hx`',
        '',
        '**You can:** let it go on · no further attempt: `temporal truedy stop crm-1`',
        '',
        '*As of 2026-12-01 09:00:00 UTC. Press R to refresh.*',
      ].join('\n'),
    );
  });

  it.each(PHASES.map((phase) => [phase] as const))('has a heading for %s', (phase) => {
    expect(page({ phase })).toMatch(/^### [A-Z][a-z]+/);
  });

  it('tells the outcome in the heading once there is one', () => {
    expect(page({ phase: 'ended', outcome: 'no_answer', can: [] })).toMatch(
      /^### Ended: no_answer\n/,
    );
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

  it('names the run in its commands as it is', () => {
    expect(page({ workflowId: 'call/a$&b' })).toContain('`temporal truedy stop a$&b`');
  });

  it('shows flags', () => {
    expect(page({}, {}, ['a second call <b>'])).toContain(
      '- **Look at this:** a second call \\<b\\>',
    );
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
  });

  it('holds neither the number nor a variable', () => {
    expect(page()).not.toMatch(/4155550101|Zoë/);
  });

  it('stays under 2 KB and lets no foreign text break out', () => {
    const foreign = fc.string({
      unit: fc.constantFrom('<', '`', '\n', 'x', '|', '#'),
      maxLength: 3_000,
    });
    fc.assert(
      fc.property(foreign, (text) => {
        const id = text.replaceAll('\n', '');
        const attempts = [{ number: 1, callId: id, reason: text }];
        const shown = page(
          { because: text, attempts, workflowId: `call/${id}` },
          { labels: { campaign: text }, call: { ...CALL, agent_id: id } },
          [text],
        );
        expect(shown.length).toBeLessThanOrEqual(1_900);
        expect(shown.split('\n').filter((line) => /^(?:<|#(?!## Ringing))/.test(line))).toEqual([]);
      }),
    );
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
    expect(ringsAtNight(toPlan({ call: CALL, ...input }, FACTS, ['k']))).toBe(night);
  });
});

describe('text that is not ours', () => {
  const EVIL = 'a\n\n<img src=x>`b';

  it.each([
    ['an agent', () => page({}, { call: { ...CALL, agent_id: EVIL } })],
    ['a call id', () => page({ attempts: [{ number: 1, callId: EVIL }] })],
    ['a key', () => page({ workflowId: `call/${EVIL}` })],
  ])('cannot leave its code span as %s', (_, render) => {
    expect(render()).not.toContain('<img');
    expect(render()).toContain('aimgsrc=xb');
  });

  it('is cut so that the page stays under 2 KB of UTF-8', () => {
    const text = page({ because: '日'.repeat(2_000) });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
  });
});
