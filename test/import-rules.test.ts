import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isWritten, LINT_FILE, overrides, PAGE, TABLE, table } from '../scripts/import-rules';

/** Examples of imports that each folder may and may not use. */
const EXAMPLES: Record<string, { refused: string[]; allowed: string[] }> = {
  'src/call/a.ts': {
    refused: [
      `import 'zod';`,
      `import 'node:crypto';`,
      `import '@temporalio/common';`,
      `import '../truedy/client';`,
      `export type { Config } from '../runtime/config';`,
    ],
    allowed: [`import './plan';`, `import './text/masking';`],
  },
  'src/call/text/a.ts': {
    refused: [`import 'zod';`, `import '../../truedy/client';`],
    allowed: [`import './masking';`, `import '../plan';`],
  },
  'src/workflows/a.ts': {
    refused: [
      `import 'zod';`,
      `import 'undici';`,
      `import 'node:fs';`,
      `import 'node:fs/promises';`,
      `import '@temporalio/client';`,
      `import '../activities';`,
      `import '../activities/place-call';`,
      `import '../truedy/client';`,
      `import '../runtime/config';`,
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
      `import '../activities/place-call';`,
      `import '../runtime/config';`,
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
      `import '../testing/simulator/app';`,
    ],
    allowed: [
      `import '@temporalio/envconfig';`,
      `import 'node:fs/promises';`,
      `import '../workflows/search-attributes';`,
    ],
  },
  'src/runtime/a.ts': {
    refused: [
      `import '../truedy/client';`,
      `import '../workers/run';`,
      `import '../webhook/app';`,
      `import '@temporalio/client';`,
    ],
    allowed: [`import 'zod';`, `import './process';`, `import '../call/text/duration';`],
  },
  'src/workers/a.ts': {
    refused: [
      `import '../workflows/outbound-call';`,
      `import '../webhook/app';`,
      `import '../testing/simulator/app';`,
    ],
    allowed: [
      `import '@temporalio/worker';`,
      `import '../activities';`,
      `import '../truedy/client';`,
      `import '../runtime/config';`,
    ],
  },
  'src/webhook/a.ts': {
    refused: [
      `import '@temporalio/worker';`,
      `import '@temporalio/workflow';`,
      `import '@hono/node-server';`,
      `import '../activities/place-call';`,
      `import '../workflows/outbound-call';`,
      `import '../testing/simulator/app';`,
    ],
    allowed: [
      `import 'hono';`,
      `import '@temporalio/client';`,
      `import '../truedy/signature';`,
      `import '../runtime/http-server';`,
      `import '../workflows/messages';`,
    ],
  },
  'src/client/a.ts': {
    refused: [
      `import '@temporalio/worker';`,
      `import '../workers/create';`,
      `import '../workflows/outbound-call';`,
    ],
    allowed: [
      `import '@temporalio/client';`,
      `import '../activities/input-schema';`,
      `import '../workflows/messages';`,
    ],
  },
  'src/testing/a.ts': {
    refused: [`import '../workflows/outbound-call';`, `import '../cli/program';`],
    allowed: [
      `import '@temporalio/worker';`,
      `import './simulator/app';`,
      `import '../webhook/app';`,
      `import '../workers/plugin';`,
    ],
  },
  'src/testing/simulator/api/a.ts': {
    refused: [
      `import '@temporalio/worker';`,
      `import '../../../webhook/app';`,
      `import '../../../workflows/messages';`,
      `import '../../../cli/program';`,
    ],
    allowed: [
      `import 'hono';`,
      `import 'zod';`,
      `import '../settings';`,
      `import '../phones/calls';`,
      `import '../../../truedy/signature';`,
    ],
  },
  'src/cli/events/diagnose/a.ts': {
    refused: [`import 'lodash';`, `import '../../../workflows/outbound-call';`],
    allowed: [`import '../delivery';`, `import '../../shared/output';`],
  },
  'src/cli/call/a.ts': {
    refused: [`import 'lodash';`, `import '../../workflows/outbound-call';`],
    allowed: [
      `import 'commander';`,
      `import 'node:timers/promises';`,
      `import '../shared/output';`,
      `import '../../testing/simulator/app';`,
      `import '../../workflows/messages';`,
    ],
  },
  'src/worker.ts': {
    refused: [
      `import './testing/simulator/server';`,
      `export const load = () => import('./testing/simulator/server');`,
    ],
    allowed: [`import './workers/run';`, `import './runtime/process';`],
  },
};

const STATEMENTS = Object.entries(EXAMPLES).flatMap(([file, { refused, allowed }]) => [
  ...refused.map((code, index) => ({ file, code, line: index + 1, verb: 'refuses' })),
  ...allowed.map((code, index) => ({
    file,
    code,
    line: refused.length + index + 1,
    verb: 'allows',
  })),
]);

interface Diagnostic {
  code: string;
  filename: string;
  labels: { span: { line: number } }[];
}

it('is the same list for the linter and the docs', () => {
  const { overrides: written } = JSON.parse(readFileSync(LINT_FILE, 'utf8'));
  expect(written.filter(isWritten)).toEqual(JSON.parse(JSON.stringify(overrides())));
  const cells = (text: string) => text.replace(/ +/g, ' ').replace(/-+/g, '-');
  const [shown = ''] = TABLE.exec(readFileSync(PAGE, 'utf8')) ?? [];
  expect(cells(shown)).toContain(cells(table()));
});

describe('the import rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
  let refused: Set<string>;

  beforeAll(() => {
    // The linter resolves the paths of its rules relative to its config file, so the file is copied too.
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

  it.each(STATEMENTS)('$file $verb $code', ({ file, line, verb }) => {
    expect(refused.has(`${file}:${line}`)).toBe(verb === 'refuses');
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
    // It exits with 1 if it finds an error.
    return JSON.parse((error as { stdout: string }).stdout).diagnostics;
  }
  throw new Error('The linter found no errors');
}
