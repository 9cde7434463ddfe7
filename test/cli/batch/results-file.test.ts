import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OUTCOMES } from '../../../src/call/outcome';
import { resultKind, openResults, readResults } from '../../../src/cli/batch/results-file';

const HEADER = 'line,key,workflow_id,outcome,call_id,attempts,learned_by,reason';
const row = (key: string) => ({
  line: 7,
  key,
  workflowId: `call/spring/${key}`,
  input: {
    call: {
      agent_id: 'agent_1',
      phone_number: '+14155550101',
      variables: { first_name: 'Sarah' },
    },
  },
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-results-'));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = () => join(folder, `${Math.random()}.csv`);

async function file(content: string): Promise<string> {
  const path = newPath();
  await writeFile(path, content);
  return path;
}

describe('a results file', () => {
  it('contains each result immediately, without number and variables', async () => {
    const path = newPath();
    const results = openResults(path, 'text');
    results.add(row('a'), {
      outcome: 'answered',
      callId: 'call_1',
      attempts: 2,
      learnedBy: 'webhook',
    });
    results.add(row('b'), { outcome: 'insufficient_credits', attempts: 0 });
    results.add(row('c'), { outcome: 'suppressed', attempts: 0, reason: 'opted_out' });
    // Not closed, as after a kill.
    await expect(readFile(path, 'utf8')).resolves.toBe(
      `${HEADER}\n` +
        '7,a,call/spring/a,answered,call_1,2,webhook,\n' +
        '7,b,call/spring/b,insufficient_credits,,0,,\n' +
        '7,c,call/spring/c,suppressed,,0,,opted_out\n',
    );
    results.close();
  });

  it('is read and continued by a resumed batch', async () => {
    const path = await file(`${HEADER}\n2,a,call/spring/a,busy,call_1,1,poll,\n`);
    expect([...readResults(path, true)]).toEqual([['call/spring/a', 'busy']]);
    const results = openResults(path, 'text');
    results.add(row('b'), { outcome: 'answered', attempts: 1 });
    results.close();
    expect([...readResults(path, true).keys()]).toEqual(['call/spring/a', 'call/spring/b']);
  });

  it('loses only an incomplete last line', async () => {
    const path = await file(`${HEADER}\n2,a,call/spring/a,busy,c,1,poll,\n3,b,call/spring/b,ans`);
    expect([...readResults(path, true).keys()]).toEqual(['call/spring/a']);
    const results = openResults(path, 'text');
    results.add(row('b'), { outcome: 'answered', attempts: 1 });
    results.close();
    expect([...readResults(path, true)]).toEqual([
      ['call/spring/a', 'busy'],
      ['call/spring/b', 'answered'],
    ]);
  });

  it('quotes values that contain separators', async () => {
    const path = newPath();
    const results = openResults(path, 'text');
    results.add(row('a'), { outcome: 'odd, "word"', attempts: 1 });
    results.close();
    expect([...readResults(path, true).values()]).toEqual(['odd, "word"']);
  });

  it('is treated as empty if it does not exist', () => {
    expect(readResults(newPath(), true).size).toBe(0);
    expect(readResults(undefined, true).size).toBe(0);
  });

  it.each([
    ['an existing file', () => file(`${HEADER}\n`), false, 'already exists'],
    ['the list of calls', () => file('phone_number\n'), true, 'does not contain results'],
    ['a folder', async () => folder, true, 'cannot be read'],
  ])('is rejected if it is %s', async (_, make, isResumed, problem) => {
    const path = await make();
    const read = () => readResults(path, isResumed);
    expect(read).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(read).toThrow(`TT3013  --out ${path} ${problem}`);
  });

  it('is rejected if it cannot be written', () => {
    const path = join(folder, 'absent', 'results.csv');
    expect(() => openResults(path, 'text')).toThrow(/^TT3013 .* cannot be written/);
  });
});

describe('resultKind', () => {
  it('is ended for each outcome except unknown', () => {
    const kinds = new Map(OUTCOMES.map((outcome) => [outcome, resultKind(outcome)]));
    expect(kinds.get('unknown')).toBe('unknown');
    kinds.delete('unknown');
    expect(new Set(kinds.values())).toEqual(new Set(['ended']));
  });

  it.each([
    ['terminated', 'unknown'],
    ['timed_out', 'unknown'],
    ['insufficient_credits', 'failed'],
    ['InvalidInput', 'failed'],
  ])('of %s is %s', (outcome, kind) => {
    expect(resultKind(outcome)).toBe(kind);
  });
});
