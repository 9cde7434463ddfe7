import { join } from 'node:path';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { SettingsError } from '../../src/runtime/process';
import {
  createTemporalClient,
  isServerNamed,
  readTemporalSettings,
} from '../../src/temporal/client';
import { connectWorker } from '../../src/temporal/worker-connection';
import { testAddress } from '../support/temporal';

const ABSENT = join(tmpdir(), 'truedy-absent', 'prod.toml');

describe('the settings of Temporal', () => {
  it('come from the given environment, not from that of the process', () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:7999', TEMPORAL_NAMESPACE: 'orders' };
    expect(readTemporalSettings(env)).toMatchObject({
      address: '127.0.0.1:7999',
      addressSource: 'TEMPORAL_ADDRESS or --address',
      namespace: 'orders',
    });
  });

  it('come from a profile of the named file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'truedy-profile-'));
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile.prod]\naddress = "127.0.0.1:7998"\nnamespace = "sales"\n');
    const env = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' };
    expect(readTemporalSettings(env)).toMatchObject({
      address: '127.0.0.1:7998',
      addressSource: 'profile prod',
      namespace: 'sales',
    });
    await rm(folder, { recursive: true });
  });

  it('report the default address as such', () => {
    const env = { TEMPORAL_CONFIG_FILE: devNull };
    expect(readTemporalSettings(env)).toMatchObject({
      address: 'localhost:7233',
      addressSource: 'the defaults (no TEMPORAL_ADDRESS, no profile)',
    });
  });

  it('treat an empty variable as unset, as in a copy of the example', () => {
    const env = { TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '', TEMPORAL_CONFIG_FILE: devNull };
    expect(readTemporalSettings({ ...env, TEMPORAL_API_KEY: '' })).toMatchObject({
      address: 'localhost:7233',
      namespace: 'default',
      connectionOptions: { tls: undefined },
    });
  });

  it('fail if the named profile does not exist', () => {
    const env = { TEMPORAL_CONFIG_FILE: devNull, TEMPORAL_PROFILE: 'prod' };
    expect(() => readTemporalSettings(env)).toThrow(SettingsError);
    expect(() => readTemporalSettings(env)).toThrow(/^TT1005 .*'prod'/);
  });

  it.each([
    ['an address', { TEMPORAL_ADDRESS: 'a:1' }, true],
    ['a namespace alone', { TEMPORAL_NAMESPACE: 'orders' }, false],
    ['nothing', {}, false],
    ['an empty address', { TEMPORAL_ADDRESS: '' }, false],
  ])('that hold %s name a server or not', (_, env, named) => {
    expect(isServerNamed({ TEMPORAL_CONFIG_FILE: devNull, ...env })).toBe(named);
  });

  it('name a server when the default profile has its address', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'truedy-profile-'));
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile.default]\naddress = "127.0.0.1:7998"\n');
    expect(isServerNamed({ TEMPORAL_CONFIG_FILE: file })).toBe(true);
    await rm(folder, { recursive: true });
  });

  it.each([
    ['a client', (env: NodeJS.ProcessEnv) => Promise.resolve(createTemporalClient(env))],
    ['a worker', connectWorker],
  ])('fail %s if the named file is missing', async (_, connect) => {
    const error: unknown = await (async () => connect({ TEMPORAL_CONFIG_FILE: ABSENT }))().catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).toMatchObject({ exitCode: 3 });
    expect((error as SettingsError).message).toMatch(/^TT1004 {2}TEMPORAL_CONFIG_FILE is .*\n/);
    expect((error as SettingsError).message).toMatch(/ls -l \S+truedy-absent$/);
  });
});

describe('createTemporalClient', () => {
  it('connects when it is first used, to the namespace of the environment', async () => {
    const env = { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: 'default' };
    const { client, connection, namespace, address } = createTemporalClient(env);
    expect({ namespace, address, of: client.options.namespace }).toEqual({
      namespace: 'default',
      address: testAddress(),
      of: 'default',
    });
    await connection.workflowService.describeNamespace({ namespace });
    await connection.close();
  });
});

describe('connectWorker', () => {
  it('connects', async () => {
    const { connection, address } = await connectWorker({ TEMPORAL_ADDRESS: testAddress() });
    expect(address).toBe(testAddress());
    await connection.close();
  });

  it('says TT1001 and exits with 4 when nothing listens', async () => {
    await expect(connectWorker({ TEMPORAL_ADDRESS: '127.0.0.1:1' })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/^TT1001 .* 127\.0\.0\.1:1\b/),
    });
  });
});
