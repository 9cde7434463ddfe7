import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from './vendor';

const REF = 'default/call/x#1';
const lineOf = (callId: string) =>
  `${JSON.stringify({ ref: REF, at: '2026-11-03T15:00:00.000Z', postNo: 1, callId })}\n`;

describe('a ledger that grows', () => {
  it('shows each dial once to all who read it at the same time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    const file = join(folder, 'ledger.jsonl');
    try {
      const idsOf = async () => (await ledger.dialsOf(REF)).map(({ callId }) => callId);
      const ledger = openLedger(file);
      await writeFile(file, lineOf('call_1'));
      await Promise.all([idsOf(), idsOf(), idsOf()]);
      await appendFile(file, lineOf('call_2'));
      expect(await Promise.all([idsOf(), idsOf()])).toEqual([
        ['call_1', 'call_2'],
        ['call_1', 'call_2'],
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
