import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const READY = /^Bridge ready on (http:\/\/127\.0\.0\.1:(\d+)\/webhooks\/truedy)\n/;
/** No server listens there. */
export const NO_TEMPORAL = '127.0.0.1:1';

/** Starts the bridge as a process in an empty folder, with only these settings. */
export function startBridge(settings: Record<string, string>, nodeFlags: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-'));
  const program = join(__dirname, '../../../src/webhook/server.ts');
  const child = spawn(
    process.execPath,
    [...nodeFlags, '--import', require.resolve('tsx'), program],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, TEMPORAL_ADDRESS: NO_TEMPORAL, ...settings },
    },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes) => (output.stdout += String(bytes)));
  child.stderr.on('data', (bytes) => (output.stderr += String(bytes)));
  const exit = once(child, 'close').then(([code]) => {
    rmSync(folder, { recursive: true });
    return code as number | null;
  });
  const ready = async () => {
    while (!output.stdout.includes('\n')) {
      await Promise.race([once(child.stdout, 'data'), exit.then(() => fail(output.stderr))]);
    }
    const [, url = ''] = READY.exec(output.stdout) ?? [];
    return url;
  };
  /** The first line of its log. */
  const logged = async () => {
    while (!output.stderr.includes('\n')) await once(child.stderr, 'data');
    return output.stderr.slice(0, output.stderr.indexOf('\n'));
  };
  return { child, output, exit, ready, logged };
}

// --- internal ---

function fail(text: string): never {
  throw new Error(`The bridge did not start: ${text}`);
}
