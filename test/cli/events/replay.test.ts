import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDelivery } from '../../../src/cli/events/saved-delivery';
import { close, listen } from '../../../src/runtime/http-server';
import { bridge, ended, headersFor, seconds } from '../../webhook/support/bridge';
import { command, errorIn, type Ran } from '../support/command';
import { SECRET } from '../support/listener';

const folder = mkdtempSync(join(tmpdir(), 'replay-'));
/** Formatted differently than a serializer would format it. */
const BODY = `${ended({ summary: 'Zoë' })}\n`;

let hooks: ReturnType<typeof bridge>;
let server: Awaited<ReturnType<typeof listen>>;

beforeEach(async () => {
  hooks = bridge({ now: Date.now });
  server = await listen(hooks.app, { host: '127.0.0.1', port: 0 });
});

afterEach(() => close(server.server));
afterAll(() => rmSync(folder, { recursive: true }));

/** Saves a delivery of `secondsAgo`. */
function saved(secondsAgo: number, more: Record<string, string> = {}): string {
  const timestamp = seconds(Date.now() - secondsAgo * 1000);
  const headers = Object.entries({ ...headersFor(BODY, { timestamp }), host: 'x', ...more });
  const path = saveDelivery(join(folder, 'hooks'), { headers, body: Buffer.from(BODY) });
  return path ?? '';
}

function replay(path: string, ...flags: readonly string[]): Promise<Ran> {
  const to = `http://127.0.0.1:${server.port}/webhooks/truedy`;
  const argv = ['events', 'replay', path, '--to', to, ...flags];
  return command(argv, { TRUEDY_WEBHOOK_SECRETS: SECRET });
}

describe('events replay', () => {
  it('signs an old delivery again, and the run receives its event', async () => {
    expect(await replay(saved(3_600))).toMatchObject({ exit: 0, stderr: '' });
    expect(hooks.signals).toMatchObject([
      { workflowId: 'call/crm-1', event: { event: 'call.ended', call: { summary: 'Zoë' } } },
    ]);
  });

  it('sends it unchanged, which is accepted while it is fresh', async () => {
    expect(await replay(saved(60), '--as-is')).toMatchObject({ exit: 0 });
    expect(hooks.signals).toHaveLength(1);
  });

  it('sends it unchanged, which is refused once it is old', async () => {
    const ran = await replay(saved(400), '--as-is', '-o', 'json');
    expect(ran.exit).toBe(3);
    expect(errorIn(ran)).toMatchObject({ code: 'TT4005' });
    expect(hooks.received).toEqual([{ status: 401, fate: 'stale' }]);
  });

  it('sends it unchanged without any secret of ours', async () => {
    const to = `http://127.0.0.1:${server.port}/webhooks/truedy`;
    const argv = ['events', 'replay', saved(0), '--as-is', '--to', to];
    expect(await command(argv, { TRUEDY_WEBHOOK_SECRETS: '' })).toMatchObject({ exit: 0 });
  });

  it('keeps its other problems', async () => {
    const { exit } = await replay(saved(0, { 'content-type': 'text/plain' }));
    expect(exit).toBe(2);
    expect(hooks.received).toEqual([{ status: 415, fate: 'wrong_type' }]);
  });

  it('sends nothing to another machine, nor a delivery that does not exist', async () => {
    const far = await command(['events', 'replay', saved(0), '--to', 'https://example.com/']);
    expect(far).toMatchObject({ exit: 2, stderr: expect.stringMatching(/^TT4004 /) });
    const absent = await replay(join(folder, 'absent'));
    expect(absent).toMatchObject({ exit: 2, stderr: expect.stringMatching(/^TT4003 /) });
    expect(hooks.received).toEqual([]);
  });
});
