import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS, type Metric } from '../src/call/metrics';
import { alerts, FOLDER, WORDS } from './support/deployed';

describe('docs/operating.md', () => {
  const all: readonly Metric[] = Object.values(METRICS);
  const text = readFileSync(join(FOLDER, 'docs/operating.md'), 'utf8');

  it('lists exactly our metrics', () => {
    const rows = [...text.matchAll(/^\| `(truedy_\w+)` *\|(.*)\|$/gm)].map(
      ([, name, rest = '']) => [name, ...rest.split('|').map((cell) => cell.trim())],
    );
    expect(rows.map((cells) => cells.slice(0, 5))).toEqual(
      all.map(({ name, kind, process, unit, labels }) => [
        name,
        kind,
        process,
        unit,
        labels.map((label) => `\`${label}\``).join(' '),
      ]),
    );
  });

  it('contains every value of every label', () => {
    for (const word of Object.values(WORDS).flat()) {
      expect(text).toContain(`\`${word}\``);
    }
  });

  it('contains a runbook for every alert', () => {
    const documented = [...text.matchAll(/^\| `(Truedy\w+)` *\|/gm)].map(([, name]) => name);
    expect(documented).toEqual(alerts.map(({ name }) => name));
  });
});
