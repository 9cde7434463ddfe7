import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { marked, simulated } from '../support/simulated';

describe('the ledger', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has one line per dial, with a digest and no body', async () => {
    const ledgerPath = join(folder, 'dials.jsonl');
    const { post, simulator } = simulated({ ledgerPath });
    await post({ ...marked('n/w#1'), call_settings: { greeting: 'secret' } });
    await post(marked('n/w#2'));
    simulator.close();
    const text = readFileSync(ledgerPath, 'utf8');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(simulator.dials());
    expect(text).not.toContain('secret');
    expect(simulator.dials()[0]?.bodySha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('continues the ledger of the last process', async () => {
    const ledgerPath = join(folder, 'dials.jsonl');
    const first = simulated({ ledgerPath });
    await first.post(marked('n/w#1'));
    first.simulator.close();
    const second = simulated({ ledgerPath });
    await second.post(marked('n/w#2'));
    expect(second.simulator.dials().map(({ seq, ref }) => [seq, ref])).toEqual([
      [1, 'n/w#1'],
      [2, 'n/w#2'],
    ]);
  });
});
