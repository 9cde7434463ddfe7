import {
  E164,
  SECONDS,
  DURATION,
  INSTANT,
  ZONE,
  CLOCK,
  call,
  settings,
  withCall,
  inWindow,
  problemsOf,
  CALL,
} from './support/inputs';

describe('validateInput, for texts and zones', () => {
  it('does not accept a label whose name is over 64 characters', () => {
    const name = 'x'.repeat(65);
    expect(problemsOf(withCall({ labels: { [name]: '' } }))).toMatchObject([
      { path: `labels.${name}` },
    ]);
  });

  it.each([
    '',
    '911',
    '14155550101',
    '+0415555010',
    '+141555',
    '+1415555010000000',
    ' +14155550101',
    '+1 415 555 0101',
    '+1 (415) 555-0101',
    '0014155550101',
    '+１４１５５５５０１０１',
    '+14155550101 ext 2',
    'tel:+14155550101',
  ])('does not accept %j as a number', (phone_number) => {
    expect(problemsOf(call({ phone_number }))).toEqual([
      { path: 'call.phone_number', problem: E164 },
    ]);
  });

  it('does not accept a variable that would change the prototype of its object', () => {
    const input = call({ variables: JSON.parse('{"__proto__":"x"}') });
    expect(problemsOf(input)).toEqual([
      { path: 'call.variables.__proto__', problem: 'is not a name for a variable' },
    ]);
  });

  it.each([
    ['a\r\nb', 'ab', 'U+000D CARRIAGE RETURN'],
    ['first_name ', 'first_name', 'U+0020 SPACE'],
    [' first_name', 'first_name', 'U+0020 SPACE'],
    ['first_name\u00a0', 'first_name', 'U+00A0 NO-BREAK SPACE'],
    ['\u200bfirst_name', 'first_name', 'U+200B ZERO WIDTH SPACE'],
    ['first\u2060_name', 'first_name', 'U+2060 WORD JOINER'],
  ])('names the hidden character of the variable %j', (name, seen, character) => {
    const problem = `has the name ${seen} with a hidden character, ${character}`;
    expect(problemsOf(call({ variables: { [name]: 'x' } }))).toEqual([
      { path: 'call.variables', problem },
    ]);
    expect(problemsOf(withCall({ labels: { [name]: 'x' } }))).toEqual([
      { path: 'labels', problem },
    ]);
  });

  it.each([
    ['call.agent_id', call({ agent_id: 'agent_1\u200b' }), 'has a hidden character'],
    ['call.agent_id', call({ agent_id: 'agent_1 ' }), 'has a hidden character'],
    [
      'labels.campaign',
      withCall({ labels: { campaign: 'spring\u00a0' } }),
      'has a hidden character',
    ],
    ['call.phone_number', call({ phone_number: '\u202a+14155550101' }), E164],
    ['call.phone_number', call({ phone_number: '+14155550101\n' }), E164],
    ['call.from_number', call({ from_number: '+14155550101\u200e' }), E164],
    ['window.timeZone', inWindow({ timeZone: 'Europe/London\u00a0' }), ZONE],
    ['window.from', inWindow({ from: '09:00\u200b' }), CLOCK],
    ['notBefore', withCall({ notBefore: '2026-12-01T09:00:00Z\ufeff' }), INSTANT],
    ['placement.settle', withCall({ placement: { settle: '90s\u00a0' } }), DURATION],
    ['call.call_settings.max_duration', settings({ max_duration: '\u202a60s' }), SECONDS],
    [
      'completion.mode',
      withCall({ completion: { mode: 'poll\u00a0' } }),
      'is neither "webhook" nor',
    ],
  ])('names the hidden character of %s', (path, input, problem) => {
    expect(problemsOf(input)).toEqual([
      { path, problem: expect.stringMatching(/ U\+[0-9A-F]{4} [A-Z -]+/) },
    ]);
    expect(problemsOf(input)[0]?.problem).toContain(problem);
  });

  it('keeps hidden characters in values that are only passed on', () => {
    const variables = { note: 'tab\tand\u00a0space', name: ' Zoë\u200d' };
    expect(problemsOf(call({ variables, call_settings: { greeting: 'Hi\u00a0!' } }))).toEqual([]);
  });

  it('does not accept an abbreviation as a zone, and suggests candidates', () => {
    const problem = 'is not an IANA time zone, such as Europe/London or Asia/Dhaka';
    expect(problemsOf(inWindow({ timeZone: 'BST' }))).toEqual([
      { path: 'window.timeZone', problem: expect.stringContaining(problem) },
    ]);
  });

  it('accepts an agent and a campaign of 255 bytes, the limit of a search attribute', () => {
    const [most, over] = ['ü'.repeat(127), 'ü'.repeat(128)];
    expect(problemsOf({ call: { ...CALL, agent_id: most }, labels: { campaign: most } })).toEqual(
      [],
    );
    expect(problemsOf({ call: { ...CALL, agent_id: over }, labels: { campaign: over } })).toEqual([
      { path: 'call.agent_id', problem: 'is over 255 bytes' },
      { path: 'labels.campaign', problem: 'is over 255 bytes' },
    ]);
  });
});
