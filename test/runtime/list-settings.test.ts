import { K1 } from '../codec/support/keys';
import { listSettings, unknownSettings } from '../../src/runtime/list-settings';

describe('unknownSettings', () => {
  it.each([
    ['TRUEDY_APIKEY', 'TRUEDY_API_KEY'],
    ['TRUEDY_WEBHOOK_SECRET', 'TRUEDY_WEBHOOK_SECRETS'],
    ['TRUEDY_TASK_QUEUES', 'TRUEDY_TASK_QUEUE'],
    ['TRUEDY_BASE_URI', 'TRUEDY_BASE_URL'],
  ])('suggests for %s the setting %s', (wrong, right) => {
    expect(unknownSettings({ [wrong]: 'x' })).toEqual([
      `${wrong} is not a setting; did you mean ${right}?`,
    ]);
  });

  it('suggests nothing if no name is similar', () => {
    expect(unknownSettings({ TRUEDY_COLOR: 'x' })).toEqual(['TRUEDY_COLOR is not a setting']);
  });

  it('ignores known settings and variables of other programs', () => {
    const env = { TRUEDY_API_KEY: 'x', TRUEDY_WEBHOOK_SECRETS: 'y', HOME: '/', TRUEDYX: 'z' };
    expect(unknownSettings(env)).toEqual([]);
  });

  it('never contains a value', () => {
    expect(unknownSettings({ TRUEDY_API_KYE: 'hidden' }).join()).not.toContain('hidden');
  });
});

describe('listSettings', () => {
  const named = (env: NodeJS.ProcessEnv, name: string) =>
    listSettings(env).find((one) => one.name === name);

  it('contains each setting once, with the processes that use it', () => {
    const names = listSettings({}).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(named({}, 'LOG_LEVEL')?.usedBy).toEqual(['worker', 'bridge', 'codec server']);
    expect(named({}, 'TRUEDY_DATA_CONVERTER')?.usedBy).toEqual(['worker', 'bridge']);
    expect(named({}, 'TRUEDY_API_KEY')).toMatchObject({ usedBy: ['worker'], isSecret: true });
    expect(named({}, 'WEBHOOK_PORT')?.usedBy).toEqual(['bridge']);
  });

  it('shows the source: the environment, the default or none', () => {
    const env = { WEBHOOK_PORT: '9000', LOG_LEVEL: '' };
    expect(named(env, 'WEBHOOK_PORT')).toMatchObject({ value: '9000', source: 'env' });
    expect(named(env, 'LOG_LEVEL')).toMatchObject({ value: 'info', source: 'default' });
    expect(named(env, 'HEALTH_PORT')).toMatchObject({ value: undefined, source: 'not set' });
  });

  it('contains the problems of each setting, including rules across settings', () => {
    const env = { TRUEDY_BASE_URL: 'http://api.example.com', TRUEDY_API_KEY: '' };
    expect(named(env, 'TRUEDY_BASE_URL')?.problems).toEqual([
      'is http to another machine (set TRUEDY_ALLOW_HTTP=1 to allow it)',
    ]);
    expect(named(env, 'TRUEDY_API_KEY')).toMatchObject({ problems: ['is empty'], source: 'env' });
  });

  it('marks the URL of a proxy as secret, because it can contain a password', () => {
    const shown = listSettings({ TRUEDY_PROXY: 'http://me:secret@proxy.example' });
    expect(shown.find(({ name }) => name === 'TRUEDY_PROXY')).toMatchObject({ isSecret: true });
  });

  it('reports two converters in each process, and keys that only the codec server requires in none', () => {
    const both = { TRUEDY_ENCRYPTION_KEYS: K1, TRUEDY_DATA_CONVERTER: './converter.js' };
    expect(named(both, 'TRUEDY_DATA_CONVERTER')?.problems).toEqual([
      'is set together with TRUEDY_ENCRYPTION_KEYS: set only one of them',
    ]);
    expect(named({}, 'TRUEDY_ENCRYPTION_KEYS')).toMatchObject({ isSecret: true, problems: [] });
    expect(named({}, 'CODEC_TOKEN')).toMatchObject({ isSecret: true, problems: [] });
  });
});
