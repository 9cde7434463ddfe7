import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { faultSchema } from '../../../src/testing/simulator/script/faults';
import { PHONES, scriptRequestSchema } from '../../../src/testing/simulator/script/script';
import { VIRTUAL_PHONES } from '../../../src/testing/simulator/phones/scenario';

const text = readFileSync(join(__dirname, '../../../docs/simulator.md'), 'utf8');

describe('docs/simulator.md', () => {
  it('lists the virtual phones of the code', () => {
    const rows = [...text.matchAll(/^\| `(\+1415\d+)`\s*\| (.*?)\s*\|$/gm)].map((row) => [
      row[1],
      row[2],
    ]);
    expect(rows).toEqual(VIRTUAL_PHONES.map(({ number, does }) => [number, does]));
  });

  it('contains only valid plans', () => {
    const plans = [...text.matchAll(/```json\n([\s\S]*?)```/g)];
    expect(plans.length).toBeGreaterThan(2);
    for (const [, json = ''] of plans) {
      expect(scriptRequestSchema.safeParse(JSON.parse(json)).error).toBeUndefined();
    }
  });

  it('names every phone and every fault', () => {
    const kinds = faultSchema.options.flatMap(({ shape }) => [...shape.kind.values]);
    for (const word of [...PHONES, ...kinds]) expect(text).toContain(`\`${word}\``);
  });
});
