import { devNull } from 'node:os';
import { readFormat, withFlags, type CommonFlags } from '../../../src/cli/shared/flags';

const NONE: CommonFlags = { output: 'text', timeFormat: 'iso' };

describe('withFlags', () => {
  it('prefers a flag to the environment variable with the same meaning', () => {
    const env = { TEMPORAL_ADDRESS: 'a:1', TEMPORAL_NAMESPACE: 'one', LOG_LEVEL: 'info' };
    const flags = { ...NONE, address: 'b:2', apiKey: 'key', profile: 'prod' };
    expect(withFlags(env, flags)).toEqual({
      TEMPORAL_ADDRESS: 'b:2',
      TEMPORAL_NAMESPACE: 'one',
      TEMPORAL_API_KEY: 'key',
      TEMPORAL_PROFILE: 'prod',
      LOG_LEVEL: 'info',
    });
  });

  it('ignores the Temporal environment variables if they are disabled', () => {
    const env = { TEMPORAL_ADDRESS: 'a:1', TRUEDY_TASK_QUEUE: 'q' };
    const flags = { ...NONE, disableConfigEnv: true, namespace: 'two' };
    expect(withFlags(env, flags)).toEqual({ TRUEDY_TASK_QUEUE: 'q', TEMPORAL_NAMESPACE: 'two' });
  });

  it('reads an empty file if config files are disabled', () => {
    const flags = { ...NONE, disableConfigFile: true, configFile: 'temporal.toml' };
    expect(withFlags({}, flags)).toEqual({ TEMPORAL_CONFIG_FILE: devNull });
  });
});

describe('readFormat', () => {
  it.each([
    [['-o', 'json', 'watch'], 'json'],
    [['watch', '-ojsonl'], 'jsonl'],
    [['--output=none'], 'none'],
    [['--output', 'text'], 'text'],
    [['-o', 'yaml'], 'text'],
    [['-o'], 'text'],
    [['json'], 'text'],
    [[], 'text'],
  ])('reads %j as %s', (argv, format) => {
    expect(readFormat(argv)).toBe(format);
  });
});
