import * as fc from 'fast-check';
import { validateInput } from '../../src/activities/input-schema';
import {
  CALL,
  E164,
  SECONDS,
  DURATION,
  INSTANT,
  ZONE,
  CLOCK,
  DAY,
  NO_OUTCOME,
  call,
  settings,
  withCall,
  inWindow,
  redial,
  after,
  problemsOf,
} from './support/inputs';

describe('validateInput', () => {
  it.each([
    ['the least input', { call: CALL }],
    [
      'a call with every field',
      call({
        variables: { first_name: 'Zoë', empty: '' },
        from_number: '+14155550102',
        call_settings: {
          recording_enabled: false,
          transcription_enabled: true,
          greeting: '',
          max_duration: '1800s',
          join_timeout: '30s',
        },
      }),
    ],
    ['the longest number', call({ phone_number: '+141555501000000' })],
    ['the shortest number', call({ phone_number: '+1415555' })],
    [
      'the minimum of every duration',
      withCall({
        completion: { mode: 'poll', grace: '0s', pollEvery: '5s', artifacts: '0s' },
        placement: { settle: '90s' },
        redial: { maxAttempts: 1, after: { busy: ['1m'] } },
      }),
    ],
    [
      'the maximum of every duration',
      withCall({
        completion: { mode: 'webhook', grace: '1h', pollEvery: '60m', artifacts: '10m' },
        placement: { settle: '3600s' },
        redial: { maxAttempts: 20, after: { failed: ['30d'] } },
      }),
    ],
    [
      'every outcome that can be redialed',
      after({
        no_answer: ['30m', '2h'],
        busy: ['5m'],
        voicemail: ['1d'],
        declined: ['1d'],
        unreachable: ['1h'],
        failed: ['10m'],
      }),
    ],
    ['a window of every day', inWindow({})],
    ['a window of some days', inWindow({ days: [1, 7], from: '00:00', to: '23:59' })],
    [
      'instants with offsets',
      withCall({
        notBefore: '2026-12-01T09:00:00-05:00',
        expiresAt: '2026-12-01T14:00:00.001Z',
      }),
    ],
    ['an instant that has passed', withCall({ expiresAt: '2020-01-01T00:00:00Z' })],
    ['labels', withCall({ labels: { campaign: 'spring', ['x'.repeat(64)]: 'y'.repeat(256) } })],
  ])('finds no problem in %s', (_, input) => {
    expect(problemsOf(input)).toEqual([]);
    expect(validateInput(input).input).toBe(input);
  });

  it.each([
    ['nothing', undefined, 'input', 'is required'],
    ['null', null, 'input', 'is not an object'],
    ['text', 'x', 'input', 'is not an object'],
    ['a list', [], 'input', 'is not an object'],
    ['no call', {}, 'call', 'is required'],
    ['a call that is null', { call: null }, 'call', 'is not an object'],
    ['an unknown field', withCall({ extra: 1 }), 'extra', 'is not a field'],
    [
      'an unknown field of the call',
      call({ direction: 'outbound' }),
      'call.direction',
      'is not a field',
    ],
    ['no agent', { call: { phone_number: '+14155550101' } }, 'call.agent_id', 'is required'],
    ['an empty agent', call({ agent_id: '' }), 'call.agent_id', 'is empty'],
    ['a long agent', call({ agent_id: 'x'.repeat(256) }), 'call.agent_id', 'is over 255 bytes'],
    ['an agent that is a number', call({ agent_id: 7 }), 'call.agent_id', 'is not a string'],
    ['no number', { call: { agent_id: 'a' } }, 'call.phone_number', 'is required'],
    ['another number that is none', call({ from_number: '0800' }), 'call.from_number', E164],
    ['variables that are a list', call({ variables: [] }), 'call.variables', 'is not an object'],
    [
      'a variable that is a number',
      call({ variables: { n: 1 } }),
      'call.variables.n',
      'is not a string',
    ],
    [
      'a variable that is null',
      call({ variables: { n: null } }),
      'call.variables.n',
      'is not a string',
    ],
    [
      'our reference',
      call({ variables: { temporal_ref: 'x' } }),
      'call.variables.temporal_ref',
      'is reserved',
    ],
    [
      'a body over 64 KiB',
      call({ variables: { a: 'x'.repeat(65_536) } }),
      'call',
      'is over 64 KiB as JSON',
    ],
    [
      'a body over 64 KiB in bytes',
      call({ variables: { a: 'ü'.repeat(32_768) } }),
      'call',
      'is over 64 KiB as JSON',
    ],
    ['settings that are text', settings('x' as never), 'call.call_settings', 'is not an object'],
    ['an unknown setting', settings({ voice: 'x' }), 'call.call_settings.voice', 'is not a field'],
    [
      'a flag that is text',
      settings({ recording_enabled: 'yes' }),
      'call.call_settings.recording_enabled',
      'is not a boolean',
    ],
    [
      'a greeting that is a number',
      settings({ greeting: 7 }),
      'call.call_settings.greeting',
      'is not a string',
    ],
    [
      'a duration of 0 s',
      settings({ max_duration: '0s' }),
      'call.call_settings.max_duration',
      SECONDS,
    ],
    [
      'a vendor’s duration in minutes',
      settings({ join_timeout: '1m' }),
      'call.call_settings.join_timeout',
      SECONDS,
    ],
    [
      'a mode',
      withCall({ completion: { mode: 'push' } }),
      'completion.mode',
      'is neither "webhook" nor "poll"',
    ],
    [
      'a long grace',
      withCall({ completion: { grace: '61m' } }),
      'completion.grace',
      'is not between 0s and 1h',
    ],
    [
      'a hasty poll',
      withCall({ completion: { pollEvery: '4s' } }),
      'completion.pollEvery',
      'is not between 5s and 1h',
    ],
    [
      'a slow poll',
      withCall({ completion: { pollEvery: '61m' } }),
      'completion.pollEvery',
      'is not between 5s and 1h',
    ],
    [
      'long artifacts',
      withCall({ completion: { artifacts: '601s' } }),
      'completion.artifacts',
      'is not between 0s and 10m',
    ],
    [
      'an unknown field of completion',
      withCall({ completion: { url: 'x' } }),
      'completion.url',
      'is not a field',
    ],
    ['a completion that is null', withCall({ completion: null }), 'completion', 'is not an object'],
    [
      'a settle of 0 s',
      withCall({ placement: { settle: '0s' } }),
      'placement.settle',
      'is not between 90s and 1h',
    ],
    ['a negative settle', withCall({ placement: { settle: '-1s' } }), 'placement.settle', DURATION],
    [
      'a settle that is a word',
      withCall({ placement: { settle: 'abc' } }),
      'placement.settle',
      DURATION,
    ],
    [
      'a short settle',
      withCall({ placement: { settle: '89s' } }),
      'placement.settle',
      'is not between 90s and 1h',
    ],
    [
      'a second send',
      withCall({ placement: { resend: 'once' } }),
      'placement.resend',
      'is not a field',
    ],
    ['no attempt', redial({ maxAttempts: 0 }), 'redial.maxAttempts', 'is not between 1 and 20'],
    [
      'too many attempts',
      redial({ maxAttempts: 21, after: { busy: ['5m'] } }),
      'redial.maxAttempts',
      'is not between 1 and 20',
    ],
    [
      'half an attempt',
      redial({ maxAttempts: 1.5 }),
      'redial.maxAttempts',
      'is not a whole number from 1 to 20',
    ],
    [
      'attempts as text',
      redial({ maxAttempts: '3' }),
      'redial.maxAttempts',
      'is not a whole number from 1 to 20',
    ],
    ['attempts without a policy', redial({ maxAttempts: 2 }), 'redial.after', NO_OUTCOME],
    ['attempts with an empty policy', after({}), 'redial.after', NO_OUTCOME],
    [
      'a policy after an answered call',
      after({ busy: ['5m'], answered: ['5m'] }),
      'redial.after.answered',
      'is not a field',
    ],
    [
      'a policy after an unknown outcome',
      after({ busy: ['5m'], unknown: ['5m'] }),
      'redial.after.unknown',
      'is not a field',
    ],
    ['an outcome without delays', after({ busy: [] }), 'redial.after.busy', 'names no delay'],
    [
      '21 delays',
      after({ busy: Array.from({ length: 21 }, () => '5m') }),
      'redial.after.busy',
      'names over 20 delays',
    ],
    [
      'a hasty delay',
      after({ busy: ['5m', '59s'] }),
      'redial.after.busy[1]',
      'is not between 1m and 30d',
    ],
    ['a long delay', after({ busy: ['31d'] }), 'redial.after.busy[0]', 'is not between 1m and 30d'],
    ['a delay that is a number', after({ busy: [300] }), 'redial.after.busy[0]', 'is not a string'],
    ['a zone that is none', inWindow({ timeZone: 'Mars/Olympus' }), 'window.timeZone', ZONE],
    ['an offset for a zone', inWindow({ timeZone: '+02:00' }), 'window.timeZone', ZONE],
    ['an empty zone', inWindow({ timeZone: '' }), 'window.timeZone', ZONE],
    ['an abbreviation without candidates', inWindow({ timeZone: 'XYZ' }), 'window.timeZone', ZONE],
    ['a zone of SystemV', inWindow({ timeZone: 'SystemV/PST8' }), 'window.timeZone', ZONE],
    ['no day', inWindow({ days: [] }), 'window.days', 'names no day'],
    ['a day between days', inWindow({ days: [1.5] }), 'window.days[0]', DAY],
    ['the name of a day', inWindow({ days: [1, 'Tue'] }), 'window.days[1]', DAY],
    ['an hour of one digit', inWindow({ from: '9:00' }), 'window.from', CLOCK],
    ['24 o’clock', inWindow({ to: '24:00' }), 'window.to', CLOCK],
    ['a window of no length', inWindow({ from: '18:00' }), 'window.to', 'is not after `from`'],
    [
      'a window over midnight',
      inWindow({ from: '21:00', to: '08:00' }),
      'window.to',
      'is not after `from`',
    ],
    [
      'a window without an end',
      withCall({ window: { timeZone: 'UTC', from: '09:00' } }),
      'window.to',
      'is required',
    ],
    [
      'an instant without an offset',
      withCall({ notBefore: '2026-12-01T09:00:00' }),
      'notBefore',
      INSTANT,
    ],
    ['a date', withCall({ expiresAt: '2026-12-01' }), 'expiresAt', INSTANT],
    [
      '30 February of a leap year',
      withCall({ notBefore: '2028-02-30T09:00:00Z' }),
      'notBefore',
      INSTANT,
    ],
    ['31 February', withCall({ notBefore: '2026-02-31T09:00:00Z' }), 'notBefore', INSTANT],
    ['an instant that is a number', withCall({ notBefore: 1 }), 'notBefore', INSTANT],
    [
      'an expiry at notBefore',
      withCall({ notBefore: '2026-12-01T09:00:00Z', expiresAt: '2026-12-01T10:00:00+01:00' }),
      'expiresAt',
      'is not after notBefore',
    ],
    ['a label that is a number', withCall({ labels: { a: 1 } }), 'labels.a', 'is not a string'],
    [
      'a long label',
      withCall({ labels: { a: 'x'.repeat(257) } }),
      'labels.a',
      'is over 256 characters',
    ],
    [
      '33 labels',
      withCall({ labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, ''])) }),
      'labels',
      'has over 32 entries',
    ],
  ])('finds one problem in %s', (_, input, path, problem) => {
    expect(problemsOf(input)).toContainEqual({ path, problem });
    expect(problemsOf(input)).toHaveLength(1);
    expect(validateInput(input).input).toBeUndefined();
  });

  it.each([0, 8, -1])('does not accept %d as a day', (day) => {
    expect(problemsOf(inWindow({ days: [day] }))).toMatchObject([{ path: 'window.days[0]' }]);
  });

  it('lists all errors together, including rules across fields', () => {
    const input = {
      call: { agent_id: '', phone_number: '911', variables: { temporal_ref: 'x', n: 1 } },
      redial: { maxAttempts: 3 },
      window: { timeZone: 'Mars/Olympus', from: '21:00', to: '08:00' },
      notBefore: '2026-12-02T09:00:00Z',
      expiresAt: '2026-12-01T09:00:00Z',
      placement: { settle: '30s' },
      surplus: 1,
    };
    expect(
      problemsOf(input)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([
      'call.agent_id',
      'call.phone_number',
      'call.variables.n',
      'call.variables.temporal_ref',
      'expiresAt',
      'placement.settle',
      'redial.after',
      'surplus',
      'window.timeZone',
      'window.to',
    ]);
  });

  it('repeats no value', () => {
    const secret = 'Zoë+14155550101';
    const input = {
      call: {
        agent_id: 7,
        phone_number: secret,
        variables: { a: { secret } },
        from_number: secret,
      },
      completion: { mode: secret, grace: secret },
      redial: { maxAttempts: secret, after: { busy: [secret] } },
      window: { timeZone: secret, days: [secret], from: secret, to: secret },
      notBefore: secret,
      labels: secret,
    };
    expect(JSON.stringify(problemsOf(input))).not.toMatch(/Zoë|4155550101/);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (input, inner, window) => {
        expect(() => problemsOf(input)).not.toThrow();
        expect(() => problemsOf({ call: inner, window, redial: inner })).not.toThrow();
      }),
    );
  });
});

describe('limits that keep a run from failing after the dial', () => {
  it.each(['max_duration', 'join_timeout'])('rejects a %s of over a day', (name) => {
    const path = `call.call_settings.${name}`;
    expect(problemsOf(settings({ [name]: '86401s' }))).toEqual([
      { path, problem: 'is over 86400s' },
    ]);
    expect(problemsOf(settings({ [name]: `${'9'.repeat(400)}s` }))).toHaveLength(1);
  });

  it('reports a label whose name is too long', () => {
    const long = 'x'.repeat(65);
    expect(problemsOf(withCall({ labels: { [long]: 'a' } }))).toEqual([
      { path: `labels.${long}`, problem: 'has a name over 64 characters' },
    ]);
  });
});
