import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What each place may and may not import, one example for each way in or out. */
const EXAMPLES: Record<string, { refused: string[]; allowed: string[] }> = {
  'src/call/a.ts': {
    refused: [
      `import 'zod';`,
      `import 'node:crypto';`,
      `import '@temporalio/common';`,
      `import '../truedy/client';`,
      `export type { Config } from '../config';`,
    ],
    allowed: [`import './plan';`],
  },
  'src/workflows/a.ts': {
    refused: [
      `import 'zod';`,
      `import 'undici';`,
      `import 'node:fs';`,
      `import 'node:fs/promises';`,
      `import '@temporalio/client';`,
      `import '../activities';`,
      `import '../activities/place';`,
      `import '../truedy/client';`,
      `import '../config';`,
      `import './../truedy/client';`,
      `import '../call/../truedy/client';`,
      `export { z } from 'zod';`,
      `export * from 'zod';`,
      `export const load = () => import('zod');`,
    ],
    allowed: [
      `export type { Activities } from '../activities';`,
      `import '@temporalio/workflow';`,
      `import '@temporalio/common';`,
      `import '../call/plan';`,
      `import './place';`,
    ],
  },
  'src/truedy/a.ts': {
    refused: [
      `import '@temporalio/common';`,
      `import '@temporalio/activity';`,
      `import '../activities/place';`,
      `import '../config';`,
      `import 'hono';`,
    ],
    allowed: [
      `import 'undici';`,
      `import 'zod';`,
      `import 'node:crypto';`,
      `import '../call/plan';`,
    ],
  },
  'src/activities/a.ts': {
    refused: [
      `import '@temporalio/workflow';`,
      `import '@temporalio/client';`,
      `import 'undici';`,
      `import 'node:fs';`,
      `import '../workflows/messages';`,
    ],
    allowed: [
      `import '@temporalio/activity';`,
      `import 'luxon';`,
      `import 'node:crypto';`,
      `import '../call/plan';`,
      `import '../truedy/client';`,
    ],
  },
  'src/temporal/a.ts': {
    refused: [
      `import 'zod';`,
      `import '../truedy/client';`,
      `import '../workflows/outbound-call';`,
      `import '../simulator/app';`,
    ],
    allowed: [
      `import '@temporalio/envconfig';`,
      `import 'node:fs/promises';`,
      `import '../workflows/search-attributes';`,
    ],
  },
  'src/webhook/a.ts': {
    refused: [
      `import '@temporalio/worker';`,
      `import '@temporalio/workflow';`,
      `import '@hono/node-server';`,
      `import '../activities/place';`,
      `import '../workflows/outbound-call';`,
      `import '../simulator/app';`,
      `import '../config';`,
    ],
    allowed: [
      `import 'hono';`,
      `import '@temporalio/client';`,
      `import '../truedy/signature';`,
      `import '../workflows/messages';`,
    ],
  },
  'src/webhook/server.ts': {
    refused: [`import '@temporalio/worker';`, `import '../simulator/app';`],
    allowed: [`import '@hono/node-server';`, `import '../config';`, `import '../process';`],
  },
  'src/simulator/a.ts': {
    refused: [
      `import '@temporalio/client';`,
      `import '../truedy/client';`,
      `import '../webhook/app';`,
      `import '../workflows/messages';`,
    ],
    allowed: [`import 'hono';`, `import 'zod';`, `import '../truedy/signature';`],
  },
  'src/cli/a.ts': {
    refused: [`import 'lodash';`, `import '../workflows/outbound-call';`],
    allowed: [
      `import 'commander';`,
      `import 'node:timers/promises';`,
      `import '../simulator/app';`,
      `import '../workflows/messages';`,
    ],
  },
  'src/worker.ts': {
    refused: [
      `import './simulator/server';`,
      `export const load = () => import('./simulator/server');`,
    ],
    allowed: [`import './activities';`, `import './truedy/client';`, `import './config';`],
  },
  'src/runtime/config.ts': {
    refused: [`import './truedy/client';`, `import './worker';`, `import './webhook/app';`],
    allowed: [`import 'zod';`, `import './process';`, `import './call/duration';`],
  },
};

const STATEMENTS = Object.entries(EXAMPLES).flatMap(([file, { refused, allowed }]) => [
  ...refused.map((code, index) => ({ file, code, line: index + 1, says: 'refuses' })),
  ...allowed.map((code, index) => ({
    file,
    code,
    line: refused.length + index + 1,
    says: 'allows',
  })),
]);

interface Diagnostic {
  code: string;
  filename: string;
  labels: { span: { line: number } }[];
}

describe('the import rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
  let refused: Set<string>;

  beforeAll(() => {
    // The linter reads the places of its rules from where its settings lie, so they are copied along.
    copyFileSync(join(__dirname, '../.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    for (const [file, examples] of Object.entries(EXAMPLES)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const lines = [...examples.refused, ...examples.allowed];
      writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
    }
    refused = new Set(
      lint(folder)
        .filter(({ code }) => code === 'eslint(no-restricted-imports)')
        .map(({ filename, labels }) => `${filename}:${labels[0]?.span.line}`),
    );
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(STATEMENTS)('$file $says $code', ({ file, line, says }) => {
    expect(refused.has(`${file}:${line}`)).toBe(says === 'refuses');
  });
});

function lint(folder: string): Diagnostic[] {
  const oxlint = join(dirname(require.resolve('oxlint/package.json')), 'bin/oxlint');
  try {
    execFileSync(process.execPath, [oxlint, '--format', 'json', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    // It exits 1 where it finds anything.
    return JSON.parse((error as { stdout: string }).stdout).diagnostics;
  }
  throw new Error('The linter found nothing wrong');
}
