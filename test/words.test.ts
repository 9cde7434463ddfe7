import { FLAGS } from '../src/call/api-types';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentDetails } from '../src/call/text/current-details';
import { PHASES, UPDATE_NAMES, type Phase } from '../src/call/phase';
import { OUTCOMES, rangPhone, REDIAL_OUTCOMES, type Outcome } from '../src/call/outcome';
import { toPlan } from '../src/call/plan';
import { exitCodeFor } from '../src/cli/shared/exit-codes';
import { TRUEDY_OUTCOME, TRUEDY_PHASE } from '../src/workflows/search-attributes';
import { command } from './cli/support/command';
import { inputFor, startRig, until } from './support/rig';

const FACTS = { apiTaskQueue: 'truedy-api', searchAttributes: true, timeScale: 1 };
const PLAN = toPlan({ call: { agent_id: 'a', phone_number: '+14155550101' } }, FACTS, {
  keys: ['k'],
});

/** The rows of the table below a heading of a page. */
function table(page: string, heading: string): readonly string[][] {
  const text = readFileSync(join(__dirname, '..', page), 'utf8');
  const [, section = ''] = text.split(`## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`|`$/g, '')),
  );
}

function pageOf(phase: Phase, outcome?: Outcome): string {
  const view = {
    workflowId: 'call/k',
    phase,
    since: '2026-12-01T09:00:00.000Z',
    because: 'A reason.',
    attempt: 1,
    attempts: [],
    can: [],
    ...(outcome !== undefined && { outcome }),
  };
  const page = { view, plan: PLAN, noMoreAttempts: false, notes: [] };
  return currentDetails(outcome === undefined ? page : { ...page, title: outcome }, 0);
}

/** The values that a flag of a command accepts. */
async function choicesOf(verb: string, flag: string): Promise<readonly string[]> {
  const { stdout } = await command([verb, '--help']);
  const text = stdout.replace(/\s+/g, ' ');
  const [, values = ''] =
    new RegExp(`--${flag} <${flag}> .*? Accepted values: ([^.]*)\\.`).exec(text) ?? [];
  return values.split(', ');
}

describe('the phases', () => {
  it('are those of the docs, in their order', () => {
    expect(table('docs/words.md', 'Phases').map(([phase]) => phase)).toEqual(PHASES);
  });

  it('are those that lists are filtered by', async () => {
    await expect(choicesOf('list', 'phase')).resolves.toEqual(PHASES);
    await expect(choicesOf('count', 'phase')).resolves.toEqual(PHASES);
  });

  it('each have their own heading on the details page', () => {
    const headings = PHASES.map((phase) => pageOf(phase).split('\n')[0]);
    expect(new Set(headings).size).toBe(PHASES.length);
  });

  it('offer in the docs the verbs of the command line', () => {
    const verbs = new Set(
      UPDATE_NAMES.map((step) => step.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
    );
    const offered = table('docs/words.md', 'Phases')
      .slice(0, -1)
      .flatMap(([, , can = '']) => can.split(', '));
    expect(new Set(offered)).toEqual(verbs);
  });
});

describe('the outcomes', () => {
  it('are those of the docs, in their order', () => {
    expect(table('docs/words.md', 'Outcomes').map(([outcome]) => outcome)).toEqual(OUTCOMES);
  });

  it('are those that lists are filtered by', async () => {
    await expect(choicesOf('list', 'outcome')).resolves.toEqual(OUTCOMES);
  });

  it.each(OUTCOMES)('appear unchanged on the details page: %s', (outcome) => {
    expect(pageOf('ended', outcome)).toMatch(new RegExp(`^### Ended: ${outcome}\n`));
  });

  it('have the ring, redial and exit code columns of the docs', () => {
    const rows = table('docs/words.md', 'Outcomes').map(([outcome, , rang, redial, exit]) => [
      outcome,
      rang,
      redial,
      exit,
    ]);
    const redialed: readonly Outcome[] = REDIAL_OUTCOMES;
    expect(rows).toEqual(
      OUTCOMES.map((outcome) => [
        outcome,
        rangPhone(outcome) ? 'yes' : 'no',
        redialed.includes(outcome) ? 'yes' : 'no',
        String(exitCodeFor(outcome)),
      ]),
    );
  });

  it('are all listed in the README', () => {
    const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
    const [, first = '', second = ''] =
      /"outcome": "answered", \/\/ (.*)\n\s*\/\/ (.*)\n/.exec(readme) ?? [];
    expect(`${first} ${second}`.split(' ')).toEqual(OUTCOMES);
  });
});

describe('the flags', () => {
  it('are those that docs/unknown.md explains', () => {
    const words = table('docs/unknown.md', 'Flags').map(([flag]) => flag);
    expect(words).toEqual(Object.keys(FLAGS));
  });
});

describe('a call with redials', () => {
  it('shows these phases and outcomes in the query, the details page and the search attributes', async () => {
    const rig = await startRig({ timeScale: 60 });
    const after = { no_answer: ['1m'], busy: ['1m'] };
    const input = inputFor('+14155550116', { redial: { maxAttempts: 3, after } });
    const handle = await rig.start(input);
    const seen: { phase: string; page: string; attribute: string | undefined }[] = [];
    const view = await until(async () => {
      const now = await rig.view(handle);
      const { typedSearchAttributes } = await handle.describe();
      const page = await handle.query<string>('__temporal_workflow_metadata');
      seen.push({
        phase: now.phase,
        page: JSON.stringify(page),
        attribute: typedSearchAttributes.get(TRUEDY_PHASE),
      });
      return now.phase === 'ended' && now;
    });
    const { typedSearchAttributes } = await handle.describe();
    await rig.stop();
    const phases = new Set(seen.map(({ phase }) => phase));
    expect([...phases].filter((phase) => !PHASES.some((known) => known === phase))).toEqual([]);
    expect(phases).toContain('redial_wait');
    const attributes = seen.flatMap(({ attribute }) => attribute ?? []);
    expect(attributes.filter((word) => !PHASES.some((known) => known === word))).toEqual([]);
    expect(seen.at(-1)?.page).toContain('### Ended: answered');
    expect(view.attempts.map(({ outcome }) => outcome)).toEqual(['no_answer', 'busy', 'answered']);
    expect(OUTCOMES).toContain(typedSearchAttributes.get(TRUEDY_OUTCOME));
  });
});
