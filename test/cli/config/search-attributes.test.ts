import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { register } from '../../../src/cli/config/search-attributes';
import { cliRoutes, findCli } from '../../../src/testing/dev-server/find-cli';
import { missingSearchAttributes } from '../../../src/temporal/search-attributes';
import { newNamespace } from '../../support/namespace';
import { testAddress, testClient } from '../../support/temporal';
import { command } from '../support/command';

let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  temporal = await testClient();
});
afterAll(() => temporal.close());

const setup = (namespace: string, ...flags: readonly string[]) =>
  command(['setup', '-n', namespace, ...flags]);
const missing = (namespace: string) => missingSearchAttributes(temporal.connection, namespace);

describe('setup', () => {
  it('prints the commands that add the attributes, and changes nothing itself', async () => {
    const namespace = await newNamespace(temporal.connection);
    const { exit, stdout, stderr } = await setup(namespace);
    expect(exit).toBe(0);
    expect(stderr).toContain('lacks 6 of 6 search attributes. Next: temporal truedy setup --apply');
    await expect(missing(namespace)).resolves.toHaveLength(6);
    const { path } = await findCli(cliRoutes(process.env, () => undefined));
    for (const line of stdout.trim().split('\n')) {
      expect(line).toContain(`-n ${namespace} `);
      expect(line).toContain(`--address ${testAddress()} `);
      await promisify(execFile)(path, line.split(' ').slice(1));
    }
    await expect(missing(namespace)).resolves.toEqual([]);
  });

  it('adds the attributes with --apply, and changes nothing the second time', async () => {
    const namespace = await newNamespace(temporal.connection);
    const first = await setup(namespace, '--apply');
    expect(first).toMatchObject({ exit: 0, stdout: '' });
    expect(first.stderr).toContain('now has TruedyCallId, ');
    await expect(missing(namespace)).resolves.toEqual([]);
    const second = await setup(namespace, '--apply');
    expect(second).toMatchObject({ exit: 0, stdout: '' });
    expect(second.stderr).toContain('has all six search attributes');
  });

  it('reports an attribute of another type with its fix, since the server would ignore the request', async () => {
    const namespace = await newNamespace(temporal.connection);
    await temporal.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries([
        ['TruedyAttempt', encodeSearchAttributeIndexedValueType('KEYWORD') ?? 0],
      ]),
    });
    const { exit, stderr } = await setup(namespace, '--apply');
    expect(exit).toBe(3);
    expect(stderr).toContain('TT1012  TruedyAttempt is Keyword but must be Int');
    expect(stderr).toContain(`search-attribute remove --address ${testAddress()} -n ${namespace}`);
    // The other attributes were added.
    await expect(missing(namespace)).resolves.toEqual(['TruedyAttempt']);
  });

  it('prints the state of each attribute as JSON', async () => {
    const namespace = await newNamespace(temporal.connection);
    const { stdout } = await setup(namespace, '-o', 'json');
    const { attributes, commands } = JSON.parse(stdout);
    expect(attributes[0]).toEqual({ name: 'TruedyCallId', type: 'KeywordList', state: 'missing' });
    expect(commands).toHaveLength(6);
  });

  it('reports a namespace that does not exist', async () => {
    const { exit, stderr } = await setup('not-there');
    expect(exit).toBe(3);
    expect(stderr).toMatch(/^TT1003 {2}Namespace not-there does not exist at /);
  });

  it('waits until the server lists the added attributes, since most servers lag', async () => {
    let looks = 0;
    const lagging = {
      addSearchAttributes: async () => ({}),
      listSearchAttributes: async () => {
        looks += 1;
        return { customAttributes: looks < 3 ? {} : { TruedyAttempt: 3 } };
      },
    };
    const connection = { operatorService: lagging };
    const slow = { ...temporal, connection } as unknown as typeof temporal;
    await register(slow, ['TruedyAttempt'], []);
    expect(looks).toBe(3);
  });

  it('reports who may add the attributes if we may not', async () => {
    const denied = Object.assign(new Error('denied'), {
      code: 7,
      details: 'denied',
      metadata: {},
    });
    const connection = { operatorService: { addSearchAttributes: () => Promise.reject(denied) } };
    const forbidden = { ...temporal, connection } as unknown as typeof temporal;
    const adding = register(forbidden, ['TruedyAttempt'], ['temporal operator …']);
    await expect(adding).rejects.toMatchObject({ exitCode: 3 });
    await expect(adding).rejects.toThrow(/^TT1011 .*\n.*\n {8}temporal operator …$/);
  });

  it('reports that the server is slow to list the added attributes', async () => {
    const namespace = await newNamespace(temporal.connection);
    const { operatorService } = temporal.connection;
    const connection = {
      operatorService: {
        addSearchAttributes: () => Promise.resolve({}),
        listSearchAttributes: operatorService.listSearchAttributes.bind(operatorService),
      },
    };
    const slow = { ...temporal, namespace, connection } as unknown as typeof temporal;
    const adding = register(slow, ['TruedyAttempt'], [], 0);
    await expect(adding).rejects.toMatchObject({ exitCode: 4 });
    await expect(adding).rejects.toThrow(/^TT1013 {2}Added TruedyAttempt to namespace /);
  });
});
