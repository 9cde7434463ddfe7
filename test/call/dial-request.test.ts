import * as fc from 'fast-check';
import {
  freeze,
  readReference,
  REFERENCE_VARIABLE,
  toReference,
} from '../../src/call/dial-request';
import type { CallBody } from '../../src/call/input';

const CALL: CallBody = { agent_id: 'agent_01hx', phone_number: '+14155550101' };
const OF = {
  namespace: 'default',
  workflowId: 'call/a',
  attempt: 1,
  runId: 'run-1',
  firstRunId: 'run-1',
};

const namespace = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/);
const workflowId = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
  .filter((id) => !/[\u0000-\u001f\u007f]/.test(id));
const reference = fc.record({
  namespace,
  workflowId,
  attempt: fc.integer({ min: 1, max: 20 }),
});

describe('readReference', () => {
  it('parses what toReference writes', () => {
    fc.assert(
      fc.property(reference, (parts) => {
        expect(readReference(toReference(parts))).toEqual(parts);
      }),
    );
  });

  it.each([
    ['default/call/a#1', { namespace: 'default', workflowId: 'call/a', attempt: 1 }],
    ['prod.eu-1/a#b#20', { namespace: 'prod.eu-1', workflowId: 'a#b', attempt: 20 }],
    ['n/ü#9', { namespace: 'n', workflowId: 'ü', attempt: 9 }],
  ])('parses %s', (text, parts) => {
    expect(readReference(text)).toEqual(parts);
  });

  it.each([
    ['is empty', ''],
    ['has no #', 'default/call'],
    ['has no namespace', '/call#1'],
    ['has no slash', 'call#1'],
    ['has no workflow id', 'default/#1'],
    ['has attempt 0', 'default/call#0'],
    ['has attempt 21', 'default/call#21'],
    ['has attempt 1e9', 'default/call#1e9'],
    ['has an attempt with a leading zero', 'default/call#01'],
    ['has a word instead of a number', 'default/call#one'],
    ['has no attempt', 'default/call#'],
    ['contains CRLF', 'default/ca\r\nll#1'],
    ['ends in a line break', 'default/call#1\n'],
    ['contains NUL', 'default/ca\u0000ll#1'],
    ['has 2,000 characters', `default/${'x'.repeat(2_000)}#1`],
    ['has a namespace of 300 characters', `${'n'.repeat(300)}/call#1`],
    ['has a namespace that begins with a dot', '.default/call#1'],
  ])('rejects text that %s', (_, text) => {
    expect(readReference(text)).toBeUndefined();
  });

  it('returns parts that toReference writes as the same text, or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parts = readReference(text);
        expect(parts === undefined ? text : toReference(parts)).toBe(text);
      }),
    );
  });
});

describe('freeze', () => {
  const name = fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__');
  const call = fc
    .record(
      {
        agent_id: fc.string({ unit: 'grapheme' }),
        phone_number: fc.constant('+14155550101'),
        variables: fc.dictionary(name, fc.string({ unit: 'grapheme' })),
        from_number: fc.constant('+14155550102'),
        call_settings: fc.record(
          { greeting: fc.string({ unit: 'grapheme' }), max_duration: fc.constant('1800s') },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ['agent_id', 'phone_number'] },
    )
    // In any order of fields.
    .chain((fields) =>
      fc
        .shuffledSubarray(Object.keys(fields), { minLength: Object.keys(fields).length })
        .map((order) =>
          Object.fromEntries(order.map((key) => [key, fields[key as keyof typeof fields]])),
        ),
    )
    .map((fields) => fields as unknown as CallBody);

  it('adds the reference as the last variable and changes nothing else', () => {
    fc.assert(
      fc.property(call, (body) => {
        const mark = `"${REFERENCE_VARIABLE}":"default/call/a#1"`;
        const whole = JSON.stringify(body);
        const frozen = freeze(body, OF, 'k').body;
        const own = `"variables":${JSON.stringify(body.variables ?? {})}`;
        const expected =
          body.variables === undefined
            ? `${whole.slice(0, -1)},"variables":{${mark}}}`
            : whole.replace(
                own,
                () => `${own.slice(0, -1)}${own.endsWith('{}') ? '' : ','}${mark}}`,
              );
        expect(frozen).toBe(expected);
      }),
    );
  });

  it('does not modify the caller’s object', () => {
    const variables = { first_name: 'Zoë' };
    freeze({ ...CALL, variables }, OF, 'k');
    expect(variables).toEqual({ first_name: 'Zoë' });
  });

  it('keeps unicode, empty values and the order of keys', () => {
    const body: CallBody = {
      phone_number: '+14155550101',
      variables: { z: '', a: 'Zoë 🎈' },
      agent_id: 'x',
    };
    expect(freeze(body, OF, 'k').body).toBe(
      '{"phone_number":"+14155550101","variables":{"z":"","a":"Zoë 🎈","temporal_ref":"default/call/a#1"},"agent_id":"x"}',
    );
  });

  it('builds the same bytes after a reset', () => {
    const again = { ...OF, runId: 'run-2', firstRunId: 'run-1' };
    expect(freeze(CALL, again, 'k').body).toBe(freeze(CALL, OF, 'k').body);
  });

  it('has a fixed list of headers, without the API key', () => {
    expect(freeze(CALL, OF, 'k1').headers).toEqual([
      ['accept', 'application/json'],
      ['accept-encoding', 'identity'],
      ['content-type', 'application/json'],
      ['user-agent', 'temporal-truedy'],
      ['x-idempotency-key', 'k1'],
    ]);
  });

  it('contains attempt, number, reference and run ids', () => {
    expect(freeze(CALL, { ...OF, attempt: 3, runId: 'run-2' }, 'k')).toMatchObject({
      reference: 'default/call/a#3',
      attempt: 3,
      phoneNumber: '+14155550101',
      idempotencyKey: 'k',
      runId: 'run-2',
      firstRunId: 'run-1',
    });
  });
});
