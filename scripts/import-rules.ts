import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What each folder of `src` may import. `.oxlintrc.json` enforces this list and `docs/architecture.md` shows it.
 * `npm run fix:imports` writes both, and `test/import-rules.test.ts` checks both.
 */
interface ImportRule {
  readonly folder: string;
  /** How many levels of subfolders it has. */
  readonly depth: number;
  readonly packages: readonly string[];
  /** Other folders of `src`, or single files of them. */
  readonly folders: readonly string[];
  /** What only files directly in the folder may import, in addition. */
  readonly direct?: { readonly packages: readonly string[]; readonly folders: readonly string[] };
  readonly because: string;
}

const MESSAGES = ['workflows/messages', 'workflows/search-attributes'];

export const IMPORT_RULES: readonly ImportRule[] = [
  {
    folder: 'call',
    depth: 1,
    packages: [],
    folders: [],
    because: 'Rules about calls are pure: they import nothing.',
  },
  {
    folder: 'truedy',
    depth: 0,
    packages: ['undici', 'zod', 'node'],
    folders: ['call'],
    because: "Code for Truedy's API does not depend on Temporal.",
  },
  {
    folder: 'workflows',
    depth: 1,
    packages: ['@temporalio/workflow', '@temporalio/common'],
    folders: ['call', 'codec/undecodable', 'activities (types)'],
    because: 'Workflow code is replayed: keep it pure.',
  },
  {
    folder: 'callers',
    depth: 0,
    packages: ['@temporalio/workflow', '@temporalio/common', 'nexus-rpc'],
    folders: ['call', 'activities (types)', 'workflows/messages'],
    because: "Code for users' workflows is replayed: keep it pure.",
  },
  {
    folder: 'activities',
    depth: 0,
    packages: ['@temporalio/activity', '@temporalio/common', 'zod', 'luxon', 'node:crypto'],
    folders: ['call', 'truedy', 'runtime/timeout'],
    because: 'Activities are thin: they use the rules, the Truedy client and queries to Temporal.',
  },
  {
    folder: 'runtime',
    depth: 0,
    packages: ['@hono/node-server', '@temporalio/common', 'hono', 'pino', 'zod', 'node'],
    folders: ['call', 'codec/keys'],
    because: 'Code that every process shares does not depend on any process.',
  },
  {
    folder: 'codec',
    depth: 0,
    packages: ['@temporalio/common', '@temporalio/proto', 'hono', 'zod', 'node'],
    folders: ['call', 'runtime'],
    because: 'Encryption of payloads, which needs no server.',
  },
  {
    folder: 'temporal',
    depth: 0,
    packages: ['@temporalio/*', 'node'],
    folders: ['call', 'codec', 'runtime', ...MESSAGES],
    because: 'Access to Temporal. It imports only the messages of workflows.',
  },
  {
    folder: 'client',
    depth: 0,
    packages: ['@temporalio/client', '@temporalio/common'],
    folders: ['activities', 'call', 'runtime', 'temporal', ...MESSAGES],
    because: 'What programs that start calls load. It does not load the worker package.',
  },
  {
    folder: 'workers',
    depth: 0,
    packages: [
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/nexus',
      '@temporalio/worker',
      'nexus-rpc',
      'undici',
      'zod',
      'node',
    ],
    folders: [
      'activities',
      'call',
      'codec',
      'runtime',
      'temporal',
      'truedy',
      'callers/nexus-service',
      ...MESSAGES,
    ],
    because: 'The parts of a worker process. Workflow code is bundled, never imported.',
  },
  {
    folder: 'webhook',
    depth: 0,
    packages: ['@temporalio/client', 'hono', 'prom-client', 'node'],
    folders: ['call', 'runtime', 'temporal', 'truedy', ...MESSAGES],
    because: 'The bridge runs no workflow, no activity and no worker.',
  },
  {
    folder: 'testing',
    depth: 2,
    packages: ['@hono/node-server', '@temporalio/client', 'hono', 'undici', 'zod', 'node'],
    folders: ['call', 'runtime', 'temporal', 'truedy', 'workflows/search-attributes'],
    direct: { packages: ['@temporalio/worker'], folders: ['webhook', 'workers'] },
    because: 'What users start in their tests: the simulator and a Temporal server.',
  },
  {
    folder: 'cli',
    depth: 2,
    packages: [
      '@hono/node-server',
      '@temporalio/*',
      'cli-progress',
      'cli-table3',
      'commander',
      'csv-parse',
      'hono',
      'libphonenumber-js/max',
      'luxon',
      'picocolors',
      'undici',
      'zod',
      'node',
    ],
    folders: [
      'activities',
      'call',
      'client',
      'codec',
      'runtime',
      'temporal',
      'testing',
      'truedy',
      'webhook',
      'workers',
      ...MESSAGES,
    ],
    because: 'The command line may import everything except workflow code.',
  },
];

/** The oxlint overrides for `no-restricted-imports`: an allow-list for every level of every folder. */
export function overrides(): readonly object[] {
  const generated = IMPORT_RULES.flatMap((rule) =>
    Array.from({ length: rule.depth + 1 }, (_, level) => ({
      files: [`src/${rule.folder}/${'*/'.repeat(level)}*.ts`],
      rules: { 'no-restricted-imports': ['error', restriction(rule, level)] },
    })),
  );
  return [
    ...generated,
    { files: ['src/*.ts'], rules: { 'no-restricted-imports': ['error', ENTRY] } },
  ];
}

/** The table of `docs/architecture.md`. */
export function table(): string {
  const rows = IMPORT_RULES.map((rule) => {
    const { folder, direct = NOTHING, because } = rule;
    const own = [...rule.folders.map(named), ...direct.folders.map(namedDirect)];
    const others = [...rule.packages.map(packageName), ...direct.packages.map(namedDirect)];
    return `| \`${folder}/\` | ${own.join(', ') || '–'} | ${others.join(', ') || '–'} | ${because} |`;
  });
  const head = ['| in | folders | packages | because |', '| --- | --- | --- | --- |'];
  return [...head, ...rows].join('\n');
}

export const LINT_FILE = join(__dirname, '../.oxlintrc.json');
export const PAGE = join(__dirname, '../docs/architecture.md');
export const TABLE =
  /(<!-- import rules: written by npm run fix:imports -->\n\n)[\s\S]*?(\n\n(?!\|))/;

/** Whether an oxlint override was generated from this list. */
export function isWritten(override: { readonly rules: object }): boolean {
  return Object.keys(override.rules).join() === 'no-restricted-imports';
}

// --- internal ---

const ENTRY = {
  patterns: [
    {
      group: ['./testing/*', '**/testing/**'],
      message: 'Only the command line, tests and benchmarks start the simulator.',
    },
  ],
};

const TYPES_ONLY = / \(types\)$/;

const NOTHING = { packages: [], folders: [] };

function named(name: string): string {
  return `\`${name.replace(TYPES_ONLY, '')}\`${TYPES_ONLY.test(name) ? ' (types)' : ''}`;
}

function namedDirect(name: string): string {
  return `${named(name)} (not in subfolders)`;
}

function packageName(name: string): string {
  return name === 'node' ? 'Node' : named(name);
}

function restriction(rule: ImportRule, level: number) {
  const { folder, depth, direct = NOTHING, because } = rule;
  const packages = level === 0 ? [...rule.packages, ...direct.packages] : rule.packages;
  const folders = level === 0 ? [...rule.folders, ...direct.folders] : rule.folders;
  const typed = folders.filter((name) => TYPES_ONLY.test(name));
  const up = '../'.repeat(level + 1);
  return {
    ...(typed.length > 0 && {
      paths: typed.map((name) => ({
        name: `${up}${name.replace(TYPES_ONLY, '')}`,
        allowTypeImports: true,
        message: 'Import only its types.',
      })),
    }),
    patterns: [
      {
        group: [
          '*',
          ...packages.flatMap(packagePatterns),
          ...ownPatterns(depth, level),
          // The `*` above also matches `..`.
          `${up}**`,
          ...folders.flatMap((name) => folderPatterns(name, up)),
        ],
        message: `${because} See docs/architecture.md#import-rules for ${folder}/.`,
      },
    ],
  };
}

function packagePatterns(name: string): readonly string[] {
  if (name === 'node') return ['!node:*', '!node:*/*'];
  if (name.endsWith('/*')) return [`!${name}*`];
  return [`!${name}`, `!${name}/*`, `!${name}/*/*`];
}

/** Files of the same folder: at the same level, below and above. */
function ownPatterns(depth: number, level: number): readonly string[] {
  const below = Array.from({ length: depth - level + 1 }, (_, down) => `!./${'*/'.repeat(down)}*`);
  const above = Array.from({ length: level }, (_, ups) => '../'.repeat(ups + 1)).flatMap(
    (up, ups) =>
      Array.from({ length: depth - level + ups + 2 }, (_, down) => `!${up}${'*/'.repeat(down)}*`),
  );
  return [...below, ...above];
}

function folderPatterns(name: string, up: string): readonly string[] {
  const path = `${up}${name.replace(TYPES_ONLY, '')}`;
  if (TYPES_ONLY.test(name) || name.includes('/')) return [`!${path}`];
  const rule = IMPORT_RULES.find(({ folder }) => folder === name);
  const levels = Array.from(
    { length: (rule?.depth ?? 0) + 1 },
    (_, down) => `!${path}/${'*/'.repeat(down)}*`,
  );
  return [`!${path}`, ...levels];
}

function write(): void {
  const lint = JSON.parse(readFileSync(LINT_FILE, 'utf8'));
  const others = lint.overrides.filter((one: { rules: object }) => !isWritten(one));
  writeFileSync(LINT_FILE, JSON.stringify({ ...lint, overrides: [...others, ...overrides()] }));
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(TABLE, (_, before, after) => `${before}${table()}${after}`),
  );
  const prettier = join(__dirname, '../node_modules/prettier/bin/prettier.cjs');
  execFileSync(process.execPath, [prettier, '--log-level', 'warn', '--write', LINT_FILE, PAGE]);
}

if (require.main === module) write();
