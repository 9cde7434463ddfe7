import { runInNewContext } from 'node:vm';
import { maskNumbers } from '../../src/call/text/masking';
import { createLogger, toTemporalLogger } from '../../src/runtime/log';
import { capturedLog } from '../support/captured-log';

const NUMBER = '+14155550101';

/** The one line that was logged. */
function lineOf(log: (captured: ReturnType<typeof capturedLog>['log']) => void) {
  const { log: logger, lines } = capturedLog();
  log(logger);
  expect(lines).toHaveLength(1);
  return { text: lines[0] ?? '', json: JSON.parse(lines[0] ?? '') as Record<string, unknown> };
}

describe('a log line', () => {
  it('is one JSON object with the name of the process', () => {
    const { json } = lineOf((log) => log.info({ workflowId: 'call/order-1' }, 'started'));
    expect(json).toMatchObject({ name: 'test', workflowId: 'call/order-1', msg: 'started' });
  });

  it('is not written below the configured level', () => {
    const lines: string[] = [];
    const log = createLogger(
      { name: 'test', level: 'warn' },
      { write: (line) => lines.push(line) },
    );
    log.info('not logged');
    expect(lines).toEqual([]);
  });

  it('masks a number in a field', () => {
    const { json } = lineOf((log) => log.info({ said: `dialed ${NUMBER} twice` }, 'dial'));
    expect(json['said']).toBe(maskNumbers(`dialed ${NUMBER} twice`));
    expect(json['said']).not.toContain('5550101');
  });

  it('contains class and masked message of an error, without its stack', () => {
    const { json, text } = lineOf((log) => log.warn({ error: new TypeError(`no ${NUMBER}`) }, 'x'));
    expect(json['error']).toBe(maskNumbers(`TypeError: no ${NUMBER}`));
    expect(text).not.toContain('log.test.ts');
  });

  it('treats an error of another V8 context, such as a workflow error, the same way', () => {
    const error: unknown = runInNewContext(
      `Object.assign(new TypeError('no ${NUMBER}'), { x: 1 })`,
    );
    const { json } = lineOf((log) => log.warn({ error }, 'x'));
    expect(json['error']).toBe(maskNumbers(`TypeError: no ${NUMBER}`));
    expect(lineOf((log) => log.warn(error)).json['error']).toBe(json['error']);
  });

  it.each(['authorization', 'phone_number', 'variables', 'transcript', 'secret'])(
    'never contains the field %s',
    (name) => {
      const { text } = lineOf((log) => log.info({ call: { [name]: 'hidden' } }, 'x'));
      expect(text).not.toContain('hidden');
    },
  );
});

describe("Temporal's logger", () => {
  it.each([
    ['trace', 10],
    ['debug', 20],
    ['info', 30],
    ['warn', 40],
    ['error', 50],
  ] as const)('writes %s like our own logger', (level, number) => {
    const lines: string[] = [];
    const log = createLogger(
      { name: 'test', level: 'trace' },
      { write: (line) => lines.push(line) },
    );
    toTemporalLogger(log)[level]('polling', { taskQueue: 'q' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: number, msg: 'polling', taskQueue: 'q' },
    ]);
  });

  it('masks a number in its message', () => {
    const { json } = lineOf((log) => toTemporalLogger(log).info(`call to ${NUMBER}`));
    expect(json['msg']).toBe(maskNumbers(`call to ${NUMBER}`));
  });

  it('masks a number in its metadata', () => {
    const { text } = lineOf((log) =>
      toTemporalLogger(log).log('ERROR', 'failed', { error: new Error(`to ${NUMBER}`) }),
    );
    expect(text).not.toContain('5550101');
  });
});

describe('nested fields', () => {
  it.each([
    ['a nested field', { attributes: { to: '+14155550101' } }],
    ['a list', { numbers: ['+14155550101'] }],
    ['an error', new Error('no answer from +14155550101')],
    ['a secret field at the top level', { phone_number: 'sip:14155550101' }],
    ['a secret field two levels down', { a: { b: { variables: { n: '14155550101' } } } }],
  ])('contain no phone number: %s', (_, logged) => {
    const { text } = lineOf((log) => log.info(logged, 'x'));
    expect(text).not.toContain('4155550101');
  });

  it('are masked in the message, too', () => {
    const { text } = lineOf((log) => log.info('asked +14155550101'));
    expect(text).toContain('+1•••01');
  });
});

describe('fields that could contain a whole request', () => {
  it.each([
    ['bytes', { start: { input: [{ data: Buffer.from('{"name":"Canary"}') }] } }],
    ['a typed array', { payloadData: new Uint8Array(Buffer.from('{"name":"Canary"}')) }],
    ['the task of an activity as JSON', { task: JSON.stringify({ input: 'Canary' }) }],
    ['the same task encoded', { taskEncoded: Buffer.from('Canary').toString('base64') }],
    ['arguments of an activity', { call: { args: ['Canary'] } }],
    [
      'the text that failed to parse as JSON',
      new SyntaxError(`Unexpected token 'C', "Canary" is not valid JSON`),
    ],
  ])('are not logged: %s', (_, logged) => {
    const { text } = lineOf((log) => log.error(logged, 'x'));
    expect(text).not.toContain('Canary');
    expect(text).not.toContain(Buffer.from('Canary').toString('base64').slice(0, 6));
    expect(text).not.toContain('67,97,110');
  });

  it.each(['to (415) 555-0101', '14155550101', '{"to":"14155550101"}'])(
    'shows at most two digits of a number in another format: %s',
    (said) => {
      expect(lineOf((log) => log.info({ said }, said)).text).not.toMatch(/555|5550/);
    },
  );

  it('keep ids, times and addresses readable', () => {
    const fields = {
      workflowId: 'call/order-1234567',
      runId: '12345678-1234-4123-8123-12345678901a',
      at: '2026-12-01T09:00:00.000Z',
      why: 'connect ECONNREFUSED 10.120.130.140:7233',
    };
    expect(lineOf((log) => log.info(fields, 'x')).json).toMatchObject(fields);
  });
});

describe('routine messages of the SDK', () => {
  it.each([
    'asset workflow-bundle.js 1.2 MiB [emitted]\nwebpack 5.101.0 compiled successfully in 900 ms',
    'No workflows registered, not polling for workflow tasks',
    'No Nexus services registered, not polling for Nexus tasks',
  ])('are logged at debug level: %s', (message) => {
    expect(lineOf((log) => toTemporalLogger(log).warn(message)).json['level']).toBe(20);
  });

  it('do not include other warnings', () => {
    const message = 'No activities registered, not polling for activity tasks';
    expect(lineOf((log) => toTemporalLogger(log).warn(message)).json['level']).toBe(40);
  });
});

describe('the text format', () => {
  function textOf(log: (logger: ReturnType<typeof createLogger>) => void): string {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    log(createLogger({ name: 'worker', level: 'info', format: 'text' }, { write }));
    return lines.join('');
  }

  it('contains time, level, process, message and fields', () => {
    expect(
      textOf((log) => log.warn({ queue: 'truedy-calls', missing: ['A', 'B'] }, 'no room')),
    ).toMatch(
      /^\d\d:\d\d:\d\d {2}WARN {3}worker {2}no room {2}queue=truedy-calls {2}missing=\["A","B"\]\n$/,
    );
  });

  it('masks the same as JSON', () => {
    expect(textOf((log) => log.info({ phone_number: 'x' }, 'to +14155550101'))).toMatch(
      /to \+1•••01 {2}phone_number=\[redacted\]\n$/,
    );
  });

  it('writes one line that cannot move the cursor of a terminal', () => {
    const text = textOf((log) => log.info({ said: 'a\u001b[2J\nb' }, 'one\ntwo\u001b[1A'));
    expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(text).toContain('one | two·[1A');
  });
});
