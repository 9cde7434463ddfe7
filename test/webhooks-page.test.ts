import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../src/cli/events/diagnose/rules';

const PAGE = readFileSync(join(__dirname, '../docs/webhooks.md'), 'utf8');

describe('docs/webhooks.md', () => {
  it('lists exactly the rules, in the order in which they are checked', () => {
    const rows = [...PAGE.matchAll(/^\| `([a-z0-9_]+)`\s*\| 4\d\d /gm)].map(([, rule]) => rule);
    expect(rows).toEqual(RULES);
  });
});
