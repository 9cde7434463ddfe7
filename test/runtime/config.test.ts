import { readBridgeConfig, readCodecConfig, readWorkerConfig } from '../../src/runtime/config';
import { K1 } from '../codec/support/keys';
import { SettingsError } from '../../src/runtime/process';

const KEY = 'truedy_live_0123456789';
const SECRET = 'whsec_0123456789abcdefghij';
const LOCAL = 'http://127.0.0.1:8788/api/public/v1';

/** The error message about invalid settings. Empty if all are valid. */
function messageOf(read: (env: NodeJS.ProcessEnv) => unknown, env: NodeJS.ProcessEnv): string {
  try {
    read(env);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as SettingsError).exitCode).toBe(3);
    return (error as SettingsError).message;
  }
}

const worker = (env: NodeJS.ProcessEnv) =>
  messageOf(readWorkerConfig, { TRUEDY_API_KEY: KEY, ...env });
const bridge = (env: NodeJS.ProcessEnv) =>
  messageOf(readBridgeConfig, { TRUEDY_WEBHOOK_SECRETS: SECRET, ...env });

describe('readWorkerConfig', () => {
  it('requires only a key', () => {
    expect(readWorkerConfig({ TRUEDY_API_KEY: KEY })).toEqual({
      apiKey: KEY,
      baseUrl: 'https://api.truedy.ai/api/public/v1',
      taskQueue: 'truedy-calls',
      apiTaskQueue: 'truedy-api',
      healthHost: '127.0.0.1',
      requestsPerMinute: 80,
      maxCachedCalls: 300,
      searchAttributes: 'auto',
      timeScale: 1,
      dialCheckSendsNumber: false,
      optOutOutcomes: ['opted_out', 'do_not_call'],
      logLevel: 'info',
    });
  });

  it('treats an empty variable as unset', () => {
    const env = { TRUEDY_API_KEY: KEY, TRUEDY_BASE_URL: '', HEALTH_PORT: '', LOG_LEVEL: '' };
    expect(readWorkerConfig(env)).toEqual(readWorkerConfig({ TRUEDY_API_KEY: KEY }));
  });

  it('removes trailing slashes from the URL', () => {
    const { baseUrl } = readWorkerConfig({
      TRUEDY_API_KEY: KEY,
      TRUEDY_BASE_URL: 'https://api.truedy.ai/api/public/v1//',
    });
    expect(baseUrl).toBe('https://api.truedy.ai/api/public/v1');
  });

  it('reports every problem in one error, with the command that shows the settings', () => {
    const text = messageOf(readWorkerConfig, {
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
    expect(text).toContain('TRUEDY_TASK_QUEUE is not a valid task queue name');
    expect(text).toContain('TRUEDY_REQUESTS_PER_MINUTE is not a number');
    expect(text).toContain('TRUEDY_SEARCH_ATTRIBUTES is not one of auto, on, off');
    expect(text).toContain('HEALTH_PORT is over 65535');
    expect(text).toContain('METRICS_ADDRESS is not an IP address');
    expect(text).toContain('LOG_LEVEL is not one of trace, debug, info, warn, error, fatal');
    expect(text).toMatch(/\n {8}temporal truedy config show$/);
  });

  it.each([
    ['a placeholder', 'changeme', 'is a placeholder, not a key'],
    ['a space', 'truedy live', 'contains whitespace or non-ASCII characters'],
    ['a line break', 'truedy\nlive', 'contains whitespace or non-ASCII characters'],
    ['a byte order mark', '\uFEFFtruedy', 'contains whitespace or non-ASCII characters'],
  ])('rejects %s in a key', (_, TRUEDY_API_KEY, problem) => {
    expect(worker({ TRUEDY_API_KEY })).toContain(`TRUEDY_API_KEY ${problem}`);
  });

  it.each([
    ['a user and password', 'https://user:pw@api.truedy.ai/v1', 'contains a user name or password'],
    ['a query', 'https://api.truedy.ai/v1?key=1', 'contains a query or fragment'],
    ['a fragment', 'https://api.truedy.ai/v1#a', 'contains a query or fragment'],
    ['another scheme', 'file:///etc/passwd', 'is neither https nor http'],
    ['no scheme', 'api.truedy.ai', 'is not a URL'],
    ['http to another machine', 'http://api.truedy.ai/v1', 'is http to another machine'],
    ['http to a private network', 'http://10.0.0.5/v1', 'is http to another machine'],
    ['http to a host that starts with localhost', 'http://localhost.evil.example/v1', 'is http to'],
  ])('rejects a URL with %s', (_, TRUEDY_BASE_URL, problem) => {
    expect(worker({ TRUEDY_BASE_URL })).toContain(`TRUEDY_BASE_URL ${problem}`);
  });

  it.each([
    ['127.0.0.1', { TRUEDY_BASE_URL: LOCAL }],
    ['localhost', { TRUEDY_BASE_URL: 'http://localhost:8788/v1' }],
    ['::1', { TRUEDY_BASE_URL: 'http://[::1]:8788/v1' }],
    [
      'another machine if that is allowed',
      { TRUEDY_BASE_URL: 'http://api:80/v1', TRUEDY_ALLOW_HTTP: '1' },
    ],
  ])('allows http to %s', (_, env) => {
    expect(worker(env)).toBe('');
  });

  it('puts the worker into a deployment version', () => {
    const env = { TRUEDY_API_KEY: KEY, TRUEDY_DEPLOYMENT_NAME: 'truedy', TRUEDY_BUILD_ID: '0.2.0' };
    expect(readWorkerConfig(env).deployment).toEqual({
      deploymentName: 'truedy',
      buildId: '0.2.0',
      behavior: 'auto_upgrade',
    });
    const pinned = { ...env, TRUEDY_VERSIONING_BEHAVIOR: 'pinned' };
    expect(readWorkerConfig(pinned).deployment?.behavior).toBe('pinned');
    const empty = { ...env, TRUEDY_DEPLOYMENT_NAME: '', TRUEDY_BUILD_ID: '' };
    expect(readWorkerConfig(empty)).not.toHaveProperty('deployment');
  });

  // The server refuses some of these. The worker would not notice, and receive nothing.
  it.each([
    [
      'a dot',
      { TRUEDY_DEPLOYMENT_NAME: 'truedy.calls' },
      'TRUEDY_DEPLOYMENT_NAME is not a deployment',
    ],
    [
      'a colon',
      { TRUEDY_DEPLOYMENT_NAME: 'truedy:calls' },
      'TRUEDY_DEPLOYMENT_NAME is not a deplo',
    ],
    [
      'a prefix',
      { TRUEDY_DEPLOYMENT_NAME: '__truedy' },
      'TRUEDY_DEPLOYMENT_NAME is not a deployment',
    ],
    ['a long name', { TRUEDY_DEPLOYMENT_NAME: 'x'.repeat(101) }, 'TRUEDY_DEPLOYMENT_NAME is not a'],
    ['a space', { TRUEDY_BUILD_ID: '1 2' }, 'TRUEDY_BUILD_ID is not a build ID'],
    ['a long build', { TRUEDY_BUILD_ID: 'x'.repeat(129) }, 'TRUEDY_BUILD_ID is not a build ID'],
    ['a behavior', { TRUEDY_VERSIONING_BEHAVIOR: 'PINNED' }, 'is neither auto_upgrade nor pinned'],
  ])('rejects a deployment with %s', (_, env, problem) => {
    const valid = { TRUEDY_DEPLOYMENT_NAME: 'truedy', TRUEDY_BUILD_ID: '1' };
    expect(worker({ ...valid, ...env })).toContain(problem);
  });

  it('accepts the tag or digest of an image as a build', () => {
    for (const TRUEDY_BUILD_ID of ['v0.2.0-rc.1', '0.2.0+abc', `sha256:${'a'.repeat(64)}`]) {
      expect(worker({ TRUEDY_DEPLOYMENT_NAME: 'truedy', TRUEDY_BUILD_ID })).toBe('');
    }
  });

  it.each([
    ['TRUEDY_DEPLOYMENT_NAME', 'TRUEDY_BUILD_ID'],
    ['TRUEDY_BUILD_ID', 'TRUEDY_DEPLOYMENT_NAME'],
  ])('rejects %s alone, also where the key is missing', (name, other) => {
    const text = messageOf(readWorkerConfig, { [name]: 'truedy' });
    expect(text).toContain('2 settings are wrong');
    expect(text).toContain(`${name} is set without ${other}: set both or neither`);
  });

  it('accepts json or text as the log format', () => {
    expect(readWorkerConfig({ TRUEDY_API_KEY: KEY, LOG_FORMAT: 'text' }).logFormat).toBe('text');
    expect(worker({ LOG_FORMAT: 'pretty' })).toContain('LOG_FORMAT is neither json nor text');
    expect(bridge({ LOG_FORMAT: 'pretty' })).toContain('LOG_FORMAT is neither json nor text');
  });

  it.each(['TRUEDY_PROXY', 'HTTPS_PROXY', 'https_proxy'])('uses the proxy of %s', (name) => {
    const env = { TRUEDY_API_KEY: KEY, [name]: 'http://me:secret@proxy.example:3128' };
    const config = readWorkerConfig({ ...env, TRUEDY_DIAL_CHECK_URL: 'https://checks.example' });
    expect(config.proxy?.host).toBe('proxy.example:3128');
    expect(config.dialCheckProxy?.host).toBe('proxy.example:3128');
    expect(readWorkerConfig({ ...env, NO_PROXY: 'api.truedy.ai' }).proxy).toBeUndefined();
  });

  it('uses no proxy for a URL of this machine', () => {
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
    'rejects a %s that is not an HTTP proxy, without quoting it',
    (name) => {
      const text = worker({ [name]: 'socks5://me:secret@proxy.example' });
      expect(text).toContain(`${name} is not the URL of an HTTP proxy`);
      expect(text).not.toContain('secret');
    },
  );

  it('rejects a time scale for another machine', () => {
    expect(worker({ TRUEDY_TIME_SCALE: '2' })).toContain('TRUEDY_TIME_SCALE shortens waits');
  });

  it('rejects a time scale for another machine even if http is allowed', () => {
    const env = {
      TRUEDY_BASE_URL: 'http://10.0.0.5/v1',
      TRUEDY_ALLOW_HTTP: '1',
      TRUEDY_TIME_SCALE: '2',
    };
    expect(worker(env)).toContain('TRUEDY_TIME_SCALE shortens waits');
  });

  it('accepts a time scale for this machine', () => {
    expect(worker({ TRUEDY_BASE_URL: LOCAL, TRUEDY_TIME_SCALE: '1000' })).toBe('');
  });

  it.each(['0', '0.5', '1001', 'fast', '-1'])('rejects a time scale of %s', (TRUEDY_TIME_SCALE) => {
    expect(worker({ TRUEDY_BASE_URL: LOCAL, TRUEDY_TIME_SCALE })).toMatch(
      /TRUEDY_TIME_SCALE is (under 1|over 1000|not a number)/,
    );
  });

  it.each(['0', '-5', '1e9', 'many'])('rejects %s requests per minute', (rate) => {
    expect(worker({ TRUEDY_REQUESTS_PER_MINUTE: rate })).toMatch(
      /TRUEDY_REQUESTS_PER_MINUTE is (under 1|over 6000|not a number)/,
    );
  });

  it.each(['0', '-5', '1.5', '1e9', 'many'])('rejects a cache of %s calls', (size) => {
    expect(worker({ TRUEDY_MAX_CACHED_CALLS: size })).toMatch(
      /TRUEDY_MAX_CACHED_CALLS is (under 1|over 100000|not a number|not a whole number)/,
    );
  });

  it('rejects plain http to another machine for the dial check', () => {
    expect(worker({ TRUEDY_DIAL_CHECK_URL: 'http://checks.example/may' })).toContain(
      'TRUEDY_DIAL_CHECK_URL is neither https nor http on this machine',
    );
  });
});

describe('readBridgeConfig', () => {
  it('requires only a secret', () => {
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
  ])('accepts %s for idle connections', (WEBHOOK_KEEP_ALIVE, keepAliveMs) => {
    const env = { TRUEDY_WEBHOOK_SECRETS: SECRET, WEBHOOK_KEEP_ALIVE };
    expect(readBridgeConfig(env)).toMatchObject({ keepAliveMs });
  });

  it.each(['0s', '61m', '75', '75000ms', 'forever'])(
    'rejects %s for idle connections',
    (WEBHOOK_KEEP_ALIVE) => {
      expect(bridge({ WEBHOOK_KEEP_ALIVE })).toContain('WEBHOOK_KEEP_ALIVE is not a duration');
    },
  );

  it('has an address for probes, like a worker', () => {
    const env = { TRUEDY_WEBHOOK_SECRETS: SECRET, HEALTH_HOST: '::', HEALTH_PORT: '8080' };
    expect(readBridgeConfig(env)).toMatchObject({ healthHost: '::', healthPort: 8080 });
  });

  it('keeps the order of the secrets', () => {
    const { secrets } = readBridgeConfig({
      TRUEDY_WEBHOOK_SECRETS: `${SECRET},${SECRET}2,${SECRET}1`,
    });
    expect(secrets).toEqual([SECRET, `${SECRET}2`, `${SECRET}1`]);
  });

  it.each([
    ['none', undefined, 'is not set'],
    ['an empty one', '', 'is empty'],
    ['an empty one between two', `${SECRET},,${SECRET}2`, 'contains a secret under 24 characters'],
    ['one of 23 characters', 'a'.repeat(23), 'contains a secret under 24 characters'],
    ['four', [1, 2, 3, 4].map((n) => `${SECRET}${n}`).join(','), 'contains more than 3 secrets'],
    ['the same one twice', `${SECRET},${SECRET}`, 'contains a secret twice'],
  ])('rejects %s', (_, TRUEDY_WEBHOOK_SECRETS, problem) => {
    expect(bridge({ TRUEDY_WEBHOOK_SECRETS })).toContain(`TRUEDY_WEBHOOK_SECRETS ${problem}`);
  });

  it('rejects a port over 65535', () => {
    expect(bridge({ WEBHOOK_PORT: '70000' })).toContain('WEBHOOK_PORT is over 65535');
  });

  it.each(['-1', '80.5', '0x50', 'http', ' '])('rejects "%s" as a port', (WEBHOOK_PORT) => {
    expect(bridge({ WEBHOOK_PORT })).toContain('WEBHOOK_PORT is not a valid port');
  });

  it('accepts port 0, which means any free port', () => {
    expect(bridge({ WEBHOOK_PORT: '0' })).toBe('');
  });

  it('ignores the settings of a worker', () => {
    expect(bridge({ TRUEDY_API_KEY: 'changeme', TRUEDY_BASE_URL: 'file:///' })).toBe('');
  });
});

describe('METRICS_ADDRESS', () => {
  it.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('accepts %s, in worker and bridge', (METRICS_ADDRESS, place) => {
    const metricsAddress = { text: METRICS_ADDRESS, ...place };
    const env = { TRUEDY_API_KEY: KEY, TRUEDY_WEBHOOK_SECRETS: SECRET, METRICS_ADDRESS };
    expect(readWorkerConfig(env)).toMatchObject({ metricsAddress });
    expect(readBridgeConfig(env)).toMatchObject({ metricsAddress });
  });

  it.each([
    ['no port', '127.0.0.1'],
    ['port 0, which Prometheus could not find', '127.0.0.1:0'],
    ['a port over 65535', '127.0.0.1:65536'],
    ['a port alone', '9464'],
    ['no host', ':9464'],
    ['a host name, which the SDK does not resolve', 'localhost:9464'],
    ['a number too large', '127.0.0.256:9464'],
    ['IPv6 without brackets', '::1:9464'],
    ['IPv4 in brackets', '[127.0.0.1]:9464'],
    ['a path', '127.0.0.1:9464/metrics'],
  ])('rejects %s', (_, METRICS_ADDRESS) => {
    const problem = 'METRICS_ADDRESS is not an IP address with a port from 1 to 65535';
    expect(worker({ METRICS_ADDRESS })).toContain(problem);
    expect(bridge({ METRICS_ADDRESS })).toContain(problem);
  });
});

describe('the error for a wrong setting', () => {
  it('does not contain its value', () => {
    const values = ['hidden key', 'https://me:hiddenpw@a.example', 'hidden queue', 'hiddenlevel'];
    const [TRUEDY_API_KEY, TRUEDY_BASE_URL, TRUEDY_TASK_QUEUE, LOG_LEVEL] = values;
    const text = worker({ TRUEDY_API_KEY, TRUEDY_BASE_URL, TRUEDY_TASK_QUEUE, LOG_LEVEL });
    expect(text).toContain('4 settings are wrong');
    expect(text).not.toContain('hidden');
  });

  it('contains none of the secrets', () => {
    const secrets = `hidden-${'a'.repeat(24)},hidden-b,hidden-${'a'.repeat(24)}`;
    const text = bridge({ TRUEDY_WEBHOOK_SECRETS: secrets, WEBHOOK_PORT: '99999' });
    expect(text).toContain('TRUEDY_WEBHOOK_SECRETS');
    expect(text).not.toContain('hidden');
  });
});

describe('rules across settings', () => {
  it('are checked even if another setting is invalid', () => {
    const env = { TRUEDY_BASE_URL: 'http://api.example.com', TRUEDY_TIME_SCALE: '10' };
    const read = () => readWorkerConfig(env);
    expect(read).toThrow(/3 settings are wrong/);
    expect(read).toThrow(/TRUEDY_API_KEY is not set/);
    expect(read).toThrow(/TRUEDY_BASE_URL is http to another machine/);
    expect(read).toThrow(/TRUEDY_TIME_SCALE shortens waits/);
  });

  it('count a setting with several problems once', () => {
    expect(() => readBridgeConfig({ TRUEDY_WEBHOOK_SECRETS: 'a,,b' })).toThrow(
      /1 setting is wrong/,
    );
  });

  it('reject a secret with a space, which no delivery would be signed with', () => {
    const env = { TRUEDY_WEBHOOK_SECRETS: `${'a'.repeat(24)}, ${'b'.repeat(24)}` };
    expect(() => readBridgeConfig(env)).toThrow(/contains a secret with whitespace/);
  });
});

describe('readCodecConfig', () => {
  const TOKEN = 'token-0123456789abcdef';
  const codec = (env: NodeJS.ProcessEnv) =>
    messageOf(readCodecConfig, { TRUEDY_ENCRYPTION_KEYS: K1, ...env });

  it('requires only keys', () => {
    expect(readCodecConfig({ TRUEDY_ENCRYPTION_KEYS: K1 })).toEqual({
      keys: K1,
      host: '127.0.0.1',
      port: 8089,
      allowOrigins: [],
      logLevel: 'info',
    });
    expect(codec({ TRUEDY_ENCRYPTION_KEYS: '' })).toContain('TRUEDY_ENCRYPTION_KEYS is not set');
  });

  it('requires a token if other machines can connect', () => {
    expect(codec({ CODEC_HOST: '0.0.0.0' })).toContain('CODEC_TOKEN is not set, which is allowed');
    expect(codec({ CODEC_HOST: '0.0.0.0', CODEC_TOKEN: TOKEN })).toBe('');
    for (const CODEC_HOST of ['127.0.0.1', '::1', 'localhost'])
      expect(codec({ CODEC_HOST })).toBe('');
  });

  it.each(['short', 'with/slash-0123456789', 'with space 0123456789'])(
    'refuses the token %s, without quoting it',
    (CODEC_TOKEN) => {
      expect(codec({ CODEC_TOKEN })).toContain('CODEC_TOKEN is not a token of at least 16');
      expect(codec({ CODEC_TOKEN })).not.toContain(CODEC_TOKEN);
    },
  );

  it.each(['http://localhost:8233/', 'localhost:8233', '*', 'ftp://a.example'])(
    'refuses the origin %s',
    (CODEC_ALLOW_ORIGIN) => {
      expect(codec({ CODEC_ALLOW_ORIGIN })).toContain('CODEC_ALLOW_ORIGIN is not an origin');
    },
  );

  it('splits a list of origins', () => {
    const env = { TRUEDY_ENCRYPTION_KEYS: K1, CODEC_ALLOW_ORIGIN: 'http://a:1,https://b.example' };
    expect(readCodecConfig(env).allowOrigins).toEqual(['http://a:1', 'https://b.example']);
  });
});
