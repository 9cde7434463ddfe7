import { NEW_CONTACT, type Contact } from '../../../src/call/contact/contact';
import { toContactView } from '../../../src/call/contact/contact-view';

const NOW = Date.parse('2026-12-01T09:00:00Z');
const SPANS = { days: [], weeks: [] };

const CONTACT: Contact = {
  open: [
    { reference: 'default/call/c#2', fromMs: NOW, toMs: NOW + 5, leaseEndMs: NOW + 9, ...SPANS },
  ],
  dials: [
    { reference: 'default/call/b#1', fromMs: NOW - 5, toMs: NOW - 4, ...SPANS },
    {
      reference: 'default/call/+14155550123#20',
      fromMs: NOW - 9,
      toMs: NOW - 9,
      endedMs: NOW - 8,
      outcome: 'busy',
      ...SPANS,
    },
  ],
  waiting: [{ reference: 'default/call/d#1', sinceMs: NOW, limits: {} }],
  optOuts: [{ atMs: NOW, reason: 'asked', endedMs: NOW + 1, endReason: 'asked again' }],
};

it('contains every dial in the order of time, open attempts, waiting runs and opt-outs', () => {
  expect(toContactView(CONTACT)).toEqual({
    optedOut: false,
    optOuts: [
      {
        at: '2026-12-01T09:00:00.000Z',
        reason: 'asked',
        endedAt: '2026-12-01T09:00:00.001Z',
        endReason: 'asked again',
      },
    ],
    dials: [
      {
        reference: 'default/call/+1•••23#20',
        workflowId: 'call/+1•••23',
        sentFrom: '2026-12-01T08:59:59.991Z',
        sentTo: '2026-12-01T08:59:59.991Z',
        endedAt: '2026-12-01T08:59:59.992Z',
        outcome: 'busy',
      },
      {
        reference: 'default/call/b#1',
        workflowId: 'call/b',
        sentFrom: '2026-12-01T08:59:59.995Z',
        sentTo: '2026-12-01T08:59:59.996Z',
      },
    ],
    open: [
      {
        reference: 'default/call/c#2',
        workflowId: 'call/c',
        sentFrom: '2026-12-01T09:00:00.000Z',
        sentTo: '2026-12-01T09:00:00.005Z',
        leaseEndsAt: '2026-12-01T09:00:00.009Z',
      },
    ],
    waiting: [
      { reference: 'default/call/d#1', workflowId: 'call/d', since: '2026-12-01T09:00:00.000Z' },
    ],
  });
});

it('is opted out while an opt-out has no end', () => {
  const contact = { ...NEW_CONTACT, optOuts: [{ atMs: NOW }] };
  expect(toContactView(contact)).toMatchObject({ optedOut: true, optOuts: [{}] });
});
