import { parsePolicy, policyWarnings } from '../../../src/call/contact/policy';

it('reads every limit, each of which is optional', () => {
  const text =
    '{"minGap":"4h","perDay":3,"perWeek":7,"concurrent":1,"timeZone":"America/New_York"}';
  expect(parsePolicy(text)).toEqual({
    policy: {
      minGapMs: 4 * 3_600_000,
      perDay: 3,
      perWeek: 7,
      concurrent: 1,
      timeZone: 'America/New_York',
    },
  });
  expect(parsePolicy('{}')).toEqual({ policy: { timeZone: 'UTC' } });
});

it.each([
  ['', 'is not a JSON object, such as {"perDay":3}'],
  ['[]', 'is not a JSON object, such as {"perDay":3}'],
  ['{"perDay":0}', 'has a problem: perDay is not a whole number from 1 to 1000'],
  ['{"perWeek":"7"}', 'has a problem: perWeek is not a whole number from 1 to 1000'],
  ['{"concurrent":1.5}', 'has a problem: concurrent is not a whole number from 1 to 100'],
  ['{"minGap":"59s"}', 'has a problem: minGap is not a duration from 1m to 400d, such as 4h'],
  ['{"minGap":4}', 'has a problem: minGap is not a duration from 1m to 400d, such as 4h'],
  [
    '{"timeZone":"EST"}',
    'has a problem: timeZone is not an IANA time zone, such as America/New_York or America/Panama or Australia/Sydney',
  ],
  ['{"daily":3}', 'has a problem: daily is not a known field'],
  ['{"+14155550101":3}', 'has a problem: a field is not a known field'],
])('reports the problem of %s', (text, problem) => {
  expect(parsePolicy(text)).toEqual({ problems: [problem] });
});

it('reports every problem', () => {
  expect(parsePolicy('{"perDay":-1,"perWeek":null,"x":1}')).toHaveProperty('problems.length', 3);
});

it.each([
  ['{"perDay":3,"perWeek":2}', 'perDay 3 is never reached: perWeek is 2'],
  ['{"perDay":1,"perWeek":8}', 'perWeek 8 is never reached: perDay is 1'],
  ['{"perDay":3,"minGap":"13h"}', 'perDay 3 is never reached: minGap is 13 h'],
])('warns of a limit without an effect: %s', (text, warning) => {
  expect(warningsOf(text)).toEqual([warning]);
});

it.each([
  '{}',
  '{"perDay":3,"perWeek":3}',
  '{"perDay":1,"perWeek":7,"minGap":"30d"}',
  '{"perDay":2,"minGap":"25h"}',
])('does not warn of %s', (text) => {
  expect(warningsOf(text)).toEqual([]);
});

function warningsOf(text: string) {
  const parsed = parsePolicy(text);
  return 'policy' in parsed ? policyWarnings(parsed.policy) : parsed.problems;
}
