import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { SettingsError } from '../../src/runtime/process';
import { createTemporalClient } from '../../src/temporal/client';
import { readDataConverter, toWorkerConverter } from '../../src/temporal/data-converter';
import { K1 } from '../codec/support/keys';

const OWN = require.resolve('./support/own-converter.cjs');
const TOLERANT = require.resolve('../../src/temporal/payload-converter');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-converter-'));
});
afterAll(() => rm(folder, { recursive: true }));

function problemOf(env: NodeJS.ProcessEnv): string {
  try {
    createTemporalClient(env);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).message;
  }
}

describe('readDataConverter', () => {
  it('returns none without settings, also if they are empty', () => {
    const empty = { TRUEDY_ENCRYPTION_KEYS: '', TRUEDY_DATA_CONVERTER: '' };
    expect([readDataConverter({}), readDataConverter(empty)]).toEqual([undefined, undefined]);
  });

  it('encodes messages of failures if there are keys', () => {
    expect(readDataConverter({ TRUEDY_ENCRYPTION_KEYS: K1 })).toEqual({
      payloadCodecs: [{ encode: expect.any(Function), decode: expect.any(Function) }],
      failureConverterPath: require.resolve('../../src/codec/failure-converter'),
    });
  });

  it('loads the module that is named, also by a relative path', () => {
    for (const path of [OWN, relative(process.cwd(), OWN)]) {
      expect(readDataConverter({ TRUEDY_DATA_CONVERTER: path })).toHaveProperty('payloadCodecs');
    }
  });
});

describe('a client cannot be created', () => {
  it('with both settings, in any process', () => {
    expect(problemOf({ TRUEDY_ENCRYPTION_KEYS: K1, TRUEDY_DATA_CONVERTER: OWN })).toMatch(
      /TT2001 .*TRUEDY_DATA_CONVERTER is set together with TRUEDY_ENCRYPTION_KEYS/,
    );
  });

  it('with malformed keys, which are not quoted', () => {
    const problem = problemOf({ TRUEDY_ENCRYPTION_KEYS: 'k1:tooshort' });
    expect(problem).toMatch(/TRUEDY_ENCRYPTION_KEYS contains an entry other than id:key/);
    expect(problem).not.toContain('tooshort');
  });

  it.each([
    ['module.exports = {};', 'does not export dataConverter'],
    ['exports.dataConverter = 7;', 'does not export dataConverter'],
    ['exports.dataConverter = { payloadCodecs: {} };', 'does not export dataConverter'],
    ['exports.dataConverter = { failureConverterPath: 1 };', 'does not export dataConverter'],
    ['throw new TypeError("secret");', 'cannot be loaded: TypeError'],
  ])('with the module %s', async (text, problem) => {
    const path = join(folder, `${randomName()}.cjs`);
    await writeFile(path, text);
    expect(problemOf({ TRUEDY_DATA_CONVERTER: path })).toContain(
      `TRUEDY_DATA_CONVERTER is a module that ${problem}`,
    );
  });

  it('with a module that does not exist', () => {
    const path = join(folder, 'missing.cjs');
    expect(problemOf({ TRUEDY_DATA_CONVERTER: path })).toContain(
      'cannot be loaded: MODULE_NOT_FOUND',
    );
  });
});

let count = 0;
function randomName(): string {
  count += 1;
  return `converter-${count}`;
}

describe('toWorkerConverter', () => {
  it('adds our payload converter, which a converter of the user replaces', () => {
    expect(toWorkerConverter(undefined)).toEqual({ payloadConverterPath: TOLERANT });
    const keys = readDataConverter({ TRUEDY_ENCRYPTION_KEYS: K1 });
    expect(toWorkerConverter(keys)).toEqual({ ...keys, payloadConverterPath: TOLERANT });
    const own = { payloadConverterPath: '/own.js' };
    expect(toWorkerConverter(own)).toEqual(own);
  });
});
