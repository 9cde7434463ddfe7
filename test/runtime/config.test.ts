import {
  readBridgeConfig,
  readWorkerConfig,
  settingsOf,
  unknownSettings,
} from '../../src/runtime/config';
import { SettingsError } from '../../src/runtime/process';

const KEY = 'truedy_live_0123456789';
const SECRET = 'whsec_0123456789abcdefghij';
const LOCAL = 'http://127.0.0.1:8788/api/public/v1';

/** What a process would say of its settings before it exits; nothing where they are right. */
function said(read: (env: NodeJS.ProcessEnv) => unknown, env: NodeJS.ProcessEnv): string {
  try {
    read(env);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as SettingsError).exitCode).toBe(3);
    return (error as SettingsError).message;
  }
}

const worker = (env: NodeJS.ProcessEnv) => said(readWorkerConfig, { TRUEDY_API_KEY: KEY, ...env });
const bridge = (env: NodeJS.ProcessEnv) =>
  said(readBridgeConfig, { TRUEDY_WEBHOOK_SECRETS: SECRET, ...env });

describe('the settings of a worker', () => {
  it('need a key alone', () => {
    expect(readWorkerConfig({ TRUEDY_API_KEY: KEY })).toEqual({
      apiKey: KEY,
      baseUrl: 'https://api.truedy.ai/api/public/v1',
      taskQueue: 'truedy-calls',
      apiTaskQueue: 'truedy-api',
      healthHost: '127.0.0.1',
      requestsPerMinute: 80,
      searchAttributes: 'auto',
      timeScale: 1,
      dialCheckTellsNumber: false,
      logLevel: 'info',
    });
  });

  it('take a variable that is set to nothing for one that is not set', () => {
    const env = { TRUEDY_API_KEY: KEY, TRUEDY_BASE_URL: '', HEALTH_PORT: '', LOG_LEVEL: '' };
    expect(readWorkerConfig(env)).toEqual(readWorkerConfig({ TRUEDY_API_KEY: KEY }));
  });

  it('lose the slashes at the end of the address', () => {
    const { baseUrl } = readWorkerConfig({
      TRUEDY_API_KEY: KEY,
      TRUEDY_BASE_URL: 'https://api.truedy.ai/api/public/v1//',
    });
    expect(baseUrl).toBe('https://api.truedy.ai/api/public/v1');
  });

  it('are told with every fault at once, and what shows them', () => {
    const text = said(readWorkerConfig, {
      TRUEDY_BASE_URL: 'file:///tmp/api',
      TRUEDY_TASK_QUEUE: 'two words',
      TRUEDY_REQUESTS_PER_MINUTE: 'many',
      TRUEDY_SEARCH_ATTRIBUTES: 'perhaps',
      HEALTH_PORT: '70000',
      METRICS_ADDRESS: '9464',
      LOG_LEVEL: 'loud',
    });
    expect(text).toMatch(/^TT2001 {2}8 settings are wrong: /);
    expect(text).toContain('TRUEDY_API_KEY is not set ·');
    expect(text).toContain('TRUEDY_BASE_URL is neither https nor http (from env)');
    expect(text).toContain('TRUEDY_TASK_QUEUE is not a name for a queue');
    expect(text).toContain('TRUEDY_REQUESTS_PER_MINUTE is not a number');
    expect(text).toContain('TRUEDY_SEARCH_ATTRIBUTES is none of auto, on, off');
    expect(text).toContain('HEALTH_PORT is over 65535');
    expect(text).toContain('METRICS_ADDRESS is no IP address');
    expect(text).toContain('LOG_LEVEL is none of trace, debug, info, warn, error, fatal');
    expect(text).toMatch(/\n {8}temporal truedy config show$/);
  });

  it.each([
    ['the example', 'changeme', 'is the example, not a key'],
    ['a blank', 'truedy live', 'holds blanks or other signs'],
    ['a line break', 'truedy\nlive', 'holds blanks or other signs'],
    ['a byte order mark', '\uFEFFtruedy', 'holds blanks or other signs'],
  ])('refuse %s for a key', (_, TRUEDY_API_KEY, problem) => {
    expect(worker({ TRUEDY_API_KEY })).toContain(`TRUEDY_API_KEY ${problem}`);
  });

  it.each([
    ['a user and password', 'https://user:pw@api.truedy.ai/v1', 'holds a user or password'],
    ['a query', 'https://api.truedy.ai/v1?key=1', 'holds a query or fragment'],
    ['a fragment', 'https://api.truedy.ai/v1#a', 'holds a query or fragment'],
    ['another scheme', 'file:///etc/passwd', 'is neither https nor http'],
    ['no address', 'api.truedy.ai', 'is no address'],
    ['http to another machine', 'http://api.truedy.ai/v1', 'is http beyond this machine'],
    ['http to a private network', 'http://10.0.0.5/v1', 'is http beyond this machine'],
    ['http to a name that begins like ours', 'http://localhost.evil.example/v1', 'is http beyond'],
  ])('refuse an address with %s', (_, TRUEDY_BASE_URL, problem) => {
    expect(worker({ TRUEDY_BASE_URL })).toContain(`TRUEDY_BASE_URL ${problem}`);
  });

  it.each([
    ['127.0.0.1', { TRUEDY_BASE_URL: LOCAL }],
    ['localhost', { TRUEDY_BASE_URL: 'http://localhost:8788/v1' }],
    ['::1', { TRUEDY_BASE_URL: 'http://[::1]:8788/v1' }],
    ['another machine with leave', { TRUEDY_BASE_URL: 'http://api:80/v1', TRUEDY_ALLOW_HTTP: '1' }],
  ])('allow http to %s', (_, env) => {
    expect(worker(env)).toBe('');
  });

  it('take json or text for the format of the log', () => {
    expect(readWorkerConfig({ TRUEDY_API_KEY: KEY, LOG_FORMAT: 'text' }).logFormat).toBe('text');
    expect(worker({ LOG_FORMAT: 'pretty' })).toContain('LOG_FORMAT is neither json nor text');
    expect(bridge({ LOG_FORMAT: 'pretty' })).toContain('LOG_FORMAT is neither json nor text');
  });

  it.each(['TRUEDY_PROXY', 'HTTPS_PROXY', 'https_proxy'])('take %s as the way out', (name) => {
    const env = { TRUEDY_API_KEY: KEY, [name]: 'http://me:secret@proxy.example:3128' };
    const config = readWorkerConfig({ ...env, TRUEDY_DIAL_CHECK_URL: 'https://checks.example' });
    expect(config.proxy?.host).toBe('proxy.example:3128');
    expect(config.dialCheckProxy?.host).toBe('proxy.example:3128');
    expect(readWorkerConfig({ ...env, NO_PROXY: 'api.truedy.ai' }).proxy).toBeUndefined();
  });

  it('use no proxy for an address of this machine', () => {
    const config = readWorkerConfig({
      TRUEDY_API_KEY: KEY,
      TRUEDY_BASE_URL: LOCAL,
      TRUEDY_PROXY: 'http://proxy.example',
      HTTP_PROXY: 'http://proxy.example',
      TRUEDY_DIAL_CHECK_URL: 'http://localhost:9000/',
    });
    expect(config).not.toHaveProperty('proxy');
    expect(config).not.toHaveProperty('dialCheckProxy');
  });

  it.each(['TRUEDY_PROXY', 'HTTPS_PROXY', 'https_proxy'])(
    'refuse a %s that is no HTTP proxy, without repeating it',
    (name) => {
      const text = worker({ [name]: 'socks5://me:secret@proxy.example' });
      expect(text).toContain(`${name} is not the address of an HTTP proxy`);
      expect(text).not.toContain('secret');
    },
  );

  it('never show the address of a proxy, which can hold a password', () => {
    const shown = settingsOf({ TRUEDY_PROXY: 'http://me:secret@proxy.example' });
    expect(shown.find(({ name }) => name === 'TRUEDY_PROXY')).toMatchObject({ isSecret: true });
  });

  it('refuse a time scale beyond this machine', () => {
    expect(worker({ TRUEDY_TIME_SCALE: '2' })).toContain('TRUEDY_TIME_SCALE shortens waits');
  });

  it('refuse a time scale beyond this machine although http is allowed there', () => {
    const env = {
      TRUEDY_BASE_URL: 'http://10.0.0.5/v1',
      TRUEDY_ALLOW_HTTP: '1',
      TRUEDY_TIME_SCALE: '2',
    };
    expect(worker(env)).toContain('TRUEDY_TIME_SCALE shortens waits');
  });

  it('take a time scale on this machine', () => {
    expect(worker({ TRUEDY_BASE_URL: LOCAL, TRUEDY_TIME_SCALE: '1000' })).toBe('');
  });

  it.each(['0', '0.5', '1001', 'fast', '-1'])('refuse a time scale of %s', (TRUEDY_TIME_SCALE) => {
    expect(worker({ TRUEDY_BASE_URL: LOCAL, TRUEDY_TIME_SCALE })).toMatch(
      /TRUEDY_TIME_SCALE is (under 1|over 1000|not a number)/,
    );
  });

  it.each(['0', '-5', '1e9', 'many'])('refuse %s requests a minute', (rate) => {
    expect(worker({ TRUEDY_REQUESTS_PER_MINUTE: rate })).toMatch(
      /TRUEDY_REQUESTS_PER_MINUTE is (under 1|over 6000|not a number)/,
    );
  });

  it('refuse to tell a dial check of people over plain http', () => {
    expect(worker({ TRUEDY_DIAL_CHECK_URL: 'http://checks.example/may' })).toContain(
      'TRUEDY_DIAL_CHECK_URL is neither https nor http on this machine',
    );
  });
});

describe('the settings of a bridge', () => {
  it('need a secret alone', () => {
    expect(readBridgeConfig({ TRUEDY_WEBHOOK_SECRETS: SECRET })).toEqual({
      secrets: [SECRET],
      host: '127.0.0.1',
      port: 8787,
      keepAliveMs: 75_000,
      healthHost: '127.0.0.1',
      logLevel: 'info',
    });
  });

  it.each([
    ['1s', 1_000],
    ['350s', 350_000],
    ['1h', 3_600_000],
  ])('keep idle connections for %s where that is set', (WEBHOOK_KEEP_ALIVE, keepAliveMs) => {
    const env = { TRUEDY_WEBHOOK_SECRETS: SECRET, WEBHOOK_KEEP_ALIVE };
    expect(readBridgeConfig(env)).toMatchObject({ keepAliveMs });
  });

  it.each(['0s', '61m', '75', '75000ms', 'forever'])(
    'refuse %s as the time of idle connections',
    (WEBHOOK_KEEP_ALIVE) => {
      expect(bridge({ WEBHOOK_KEEP_ALIVE })).toContain('WEBHOOK_KEEP_ALIVE is not a duration');
    },
  );

  it('have a place for probes as those of a worker have', () => {
    const env = { TRUEDY_WEBHOOK_SECRETS: SECRET, HEALTH_HOST: '::', HEALTH_PORT: '8080' };
    expect(readBridgeConfig(env)).toMatchObject({ healthHost: '::', healthPort: 8080 });
  });

  it('keep the order of the secrets', () => {
    const { secrets } = readBridgeConfig({
      TRUEDY_WEBHOOK_SECRETS: `${SECRET},${SECRET}2,${SECRET}1`,
    });
    expect(secrets).toEqual([SECRET, `${SECRET}2`, `${SECRET}1`]);
  });

  it.each([
    ['none', undefined, 'is not set'],
    ['an empty one', '', 'is empty'],
    ['an empty one between two', `${SECRET},,${SECRET}2`, 'holds a secret of under 24 characters'],
    ['one of 23 characters', 'a'.repeat(23), 'holds a secret of under 24 characters'],
    ['four', [1, 2, 3, 4].map((n) => `${SECRET}${n}`).join(','), 'holds over 3 secrets'],
    ['the same one twice', `${SECRET},${SECRET}`, 'holds a secret twice'],
  ])('refuse %s', (_, TRUEDY_WEBHOOK_SECRETS, problem) => {
    expect(bridge({ TRUEDY_WEBHOOK_SECRETS })).toContain(`TRUEDY_WEBHOOK_SECRETS ${problem}`);
  });

  it('refuse a port that there is not', () => {
    expect(bridge({ WEBHOOK_PORT: '70000' })).toContain('WEBHOOK_PORT is over 65535');
  });

  it.each(['-1', '80.5', '0x50', 'http', ' '])('refuse "%s" as a port', (WEBHOOK_PORT) => {
    expect(bridge({ WEBHOOK_PORT })).toContain('WEBHOOK_PORT is no port');
  });

  it('take port 0, which means a free one', () => {
    expect(bridge({ WEBHOOK_PORT: '0' })).toBe('');
  });

  it('ask for nothing of a worker', () => {
    expect(bridge({ TRUEDY_API_KEY: 'changeme', TRUEDY_BASE_URL: 'file:///' })).toBe('');
  });
});

describe('the address of the metrics', () => {
  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('is taken as %s, by worker and bridge', (METRICS_ADDRESS, place) => {
    const metricsAddress = { text: METRICS_ADDRESS, ...place };
    const env = { TRUEDY_API_KEY: KEY, TRUEDY_WEBHOOK_SECRETS: SECRET, METRICS_ADDRESS };
    expect(readWorkerConfig(env)).toMatchObject({ metricsAddress });
    expect(readBridgeConfig(env)).toMatchObject({ metricsAddress });
  });

  it.each([
    ['no port', '127.0.0.1'],
    ['port 0, where nobody would find it', '127.0.0.1:0'],
    ['a port that there is not', '127.0.0.1:65536'],
    ['a port alone', '9464'],
    ['no host', ':9464'],
    ['the name of a host, which the SDK does not resolve', 'localhost:9464'],
    ['a number too large', '127.0.0.256:9464'],
    ['IPv6 without brackets', '::1:9464'],
    ['IPv4 in brackets', '[127.0.0.1]:9464'],
    ['a path', '127.0.0.1:9464/metrics'],
  ])('is refused with %s', (_, METRICS_ADDRESS) => {
    const problem = 'METRICS_ADDRESS is no IP address with a port from 1 to 65535';
    expect(worker({ METRICS_ADDRESS })).toContain(problem);
    expect(bridge({ METRICS_ADDRESS })).toContain(problem);
  });
});

describe('a wrong setting', () => {
  it('is told without what it is set to', () => {
    const values = ['hidden key', 'https://me:hiddenpw@a.example', 'hidden queue', 'hiddenlevel'];
    const [TRUEDY_API_KEY, TRUEDY_BASE_URL, TRUEDY_TASK_QUEUE, LOG_LEVEL] = values;
    const text = worker({ TRUEDY_API_KEY, TRUEDY_BASE_URL, TRUEDY_TASK_QUEUE, LOG_LEVEL });
    expect(text).toContain('4 settings are wrong');
    expect(text).not.toContain('hidden');
  });

  it('is told without any secret beside it', () => {
    const secrets = `hidden-${'a'.repeat(24)},hidden-b,hidden-${'a'.repeat(24)}`;
    const text = bridge({ TRUEDY_WEBHOOK_SECRETS: secrets, WEBHOOK_PORT: '99999' });
    expect(text).toContain('TRUEDY_WEBHOOK_SECRETS');
    expect(text).not.toContain('hidden');
  });
});

describe('the check of misspelt names', () => {
  it.each([
    ['TRUEDY_APIKEY', 'TRUEDY_API_KEY'],
    ['TRUEDY_WEBHOOK_SECRET', 'TRUEDY_WEBHOOK_SECRETS'],
    ['TRUEDY_TASK_QUEUES', 'TRUEDY_TASK_QUEUE'],
    ['TRUEDY_BASE_URI', 'TRUEDY_BASE_URL'],
  ])('takes %s for %s', (wrong, right) => {
    expect(unknownSettings({ [wrong]: 'x' })).toEqual([
      `${wrong} is not a setting; did you mean ${right}?`,
    ]);
  });

  it('guesses nothing where nothing is near', () => {
    expect(unknownSettings({ TRUEDY_COLOUR: 'x' })).toEqual(['TRUEDY_COLOUR is not a setting']);
  });

  it('says nothing of ours, nor of the names of others', () => {
    const env = { TRUEDY_API_KEY: 'x', TRUEDY_WEBHOOK_SECRETS: 'y', HOME: '/', TRUEDYX: 'z' };
    expect(unknownSettings(env)).toEqual([]);
  });

  it('never tells a value', () => {
    expect(unknownSettings({ TRUEDY_API_KYE: 'hidden' }).join()).not.toContain('hidden');
  });
});

describe('faults that lie across settings', () => {
  it('are named beside the others', () => {
    const env = { TRUEDY_BASE_URL: 'http://api.example.com', TRUEDY_TIME_SCALE: '10' };
    const read = () => readWorkerConfig(env);
    expect(read).toThrow(/3 settings are wrong/);
    expect(read).toThrow(/TRUEDY_API_KEY is not set/);
    expect(read).toThrow(/TRUEDY_BASE_URL is http beyond this machine/);
    expect(read).toThrow(/TRUEDY_TIME_SCALE shortens waits/);
  });

  it('count a setting once, however many faults it has', () => {
    expect(() => readBridgeConfig({ TRUEDY_WEBHOOK_SECRETS: 'a,,b' })).toThrow(
      /1 setting is wrong/,
    );
  });

  it('refuse a secret with a blank, which no delivery would be signed with', () => {
    const env = { TRUEDY_WEBHOOK_SECRETS: `${'a'.repeat(24)}, ${'b'.repeat(24)}` };
    expect(() => readBridgeConfig(env)).toThrow(/holds a secret with blanks/);
  });
});

describe('the settings as a person sees them', () => {
  const named = (env: NodeJS.ProcessEnv, name: string) =>
    settingsOf(env).find((one) => one.name === name);

  it('are each there once, with the processes that take them', () => {
    const names = settingsOf({}).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(named({}, 'LOG_LEVEL')?.usedBy).toEqual(['worker', 'bridge']);
    expect(named({}, 'TRUEDY_API_KEY')).toMatchObject({ usedBy: ['worker'], isSecret: true });
    expect(named({}, 'WEBHOOK_PORT')?.usedBy).toEqual(['bridge']);
  });

  it('come from the environment, from their default, or from nowhere', () => {
    const env = { WEBHOOK_PORT: '9000', LOG_LEVEL: '' };
    expect(named(env, 'WEBHOOK_PORT')).toMatchObject({ value: '9000', source: 'env' });
    expect(named(env, 'LOG_LEVEL')).toMatchObject({ value: 'info', source: 'default' });
    expect(named(env, 'HEALTH_PORT')).toMatchObject({ value: undefined, source: 'not set' });
  });

  it('hold what is wrong with each, across settings too', () => {
    const env = { TRUEDY_BASE_URL: 'http://api.example.com', TRUEDY_API_KEY: '' };
    expect(named(env, 'TRUEDY_BASE_URL')?.faults).toEqual([
      'is http beyond this machine (TRUEDY_ALLOW_HTTP=1 allows it)',
    ]);
    expect(named(env, 'TRUEDY_API_KEY')).toMatchObject({ faults: ['is empty'], source: 'env' });
  });
});
