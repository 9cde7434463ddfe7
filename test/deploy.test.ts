import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '../src/call/metrics';
import { alerts, alertsText, FOLDER, WORDS } from './support/deployed';
import { startMetricsRig, type MetricsRig } from './support/metrics-rig';

let rig: MetricsRig;

beforeAll(async () => {
  rig = await startMetricsRig();
});

afterAll(async () => {
  await rig.stop();
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}
const dashboard = JSON.parse(readFileSync(join(FOLDER, 'deploy/dashboard.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: { query: unknown }[] };
};
const targets = dashboard.panels.flatMap((panel) =>
  panel.targets.map((target) => ({ title: panel.title, ...target })),
);

const WORD_OF_QUERIES =
  /^(sum|min|max|by|on|unless|rate|increase|histogram_quantile|absent|le|[0-9.]+[mhs]?|__rate_interval)$/;

/** The parts of a query that no metrics page has: metrics, labels, and values of our labels. */
function unknownParts(expr: string): readonly string[] {
  const found: string[] = [];
  const labels = new Set(['le']);
  const selectors = [...expr.matchAll(/\b((?:truedy|temporal)_\w+)(?:\{([^}]*)\})?/g)];
  if (selectors.length === 0) found.push('no metric at all');
  for (const [, name = '', matchers = ''] of selectors) {
    const series = [rig.worker, rig.bridge]
      .flatMap((page) => page.series)
      .filter((one) => one.name === name);
    if (series.length === 0) found.push(name);
    const known = new Set(series.flatMap((one) => Object.keys(one.labels)));
    for (const label of known) labels.add(label);
    for (const [, label = '', words = ''] of matchers.matchAll(/(\w+)\s*[=!]~?\s*"([^"]*)"/g)) {
      if (!known.has(label)) found.push(`${name}{${label}}`);
      for (const word of words.split('|')) {
        if (WORDS[label] !== undefined && !WORDS[label].includes(word)) found.push(word);
      }
    }
  }
  const rest = expr.replace(/\b(?:truedy|temporal)_\w+(?:\{[^}]*\})?/g, '');
  for (const [word] of rest.matchAll(/[A-Za-z_]\w*/g)) {
    if (!WORD_OF_QUERIES.test(word) && !labels.has(word) && !/^[mhs]$/.test(word)) found.push(word);
  }
  return found;
}

describe('unknownParts', () => {
  it.each([
    ['an unknown metric', 'sum(truedy_calls_over)', ['truedy_calls_over']],
    ['an unknown label', 'truedy_deliveries{fate="taken"}', ['truedy_deliveries{fate}']],
    ['an unknown outcome', 'truedy_calls_ended{outcome="lost"}', ['lost']],
    ['a grouping by an unknown label', 'sum by (task_queue) (truedy_requests)', ['task_queue']],
  ])('finds %s', (_, expr, found) => {
    expect(unknownParts(expr)).toEqual(found);
  });
});

describe('deploy/alerts.yml', () => {
  it('has rules with unique names', () => {
    expect(alerts.length).toBeGreaterThanOrEqual(6);
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
  });

  it.each(alerts)('$name queries only existing metrics', ({ expr }) => {
    expect(unknownParts(expr)).toEqual([]);
  });

  it.each(alerts)('$name contains what happened, what it means and a command', ({ field }) => {
    expect(field('severity')).toMatch(/^(page|ticket)$/);
    expect(field('summary')).toMatch(/^\S.{10,}/);
    expect(field('description')).toMatch(/^\S.{20,}\.$/);
    expect(field('runbook')).toMatch(/^(temporal|curl|npm run call) /);
  });

  it.each(alerts)('$name uses only labels that its query keeps', ({ name, text, expr }) => {
    for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) {
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].map(([, list = '']) =>
        list.split(', '),
      );
      const [outermost] = grouped;
      const series = rig.worker.series.find((one) => one.name === /temporal_\w+/.exec(expr)?.[0]);
      const kept = outermost ?? Object.keys(series?.labels ?? {});
      expect([name, kept]).toEqual([name, expect.arrayContaining([label])]);
    }
  });

  it('has runbooks with valid list filters', async () => {
    const queries = [...alertsText.matchAll(/--query "([^"]*)"/g)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThan(2);
    for (const query of queries) {
      await expect(rig.client.workflow.count(query)).resolves.toHaveProperty('count');
    }
  });
});

describe('deploy/dashboard.json', () => {
  it.each(targets)('$title queries only existing metrics: $legendFormat', (target) => {
    const { expr, legendFormat } = target;
    expect(unknownParts(expr.replaceAll('$namespace', 'default'))).toEqual([]);
    const outermost = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
    for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      expect(outermost).toContain(label);
    }
  });

  it('shows all our metrics', () => {
    const asked = targets.map(({ expr }) => expr).join(' ');
    for (const { name } of Object.values(METRICS)) expect(asked).toContain(name);
  });

  it('has panels with unique ids that do not overlap', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
