import { once } from 'node:events';
import { begin } from './run';

export const SECRET = 'whsec_test_0123456789abcdef';

/** Starts `events listen` as a separate process. Resolves once it is ready. */
export async function startListener(
  flags: readonly string[] = [],
  settings: NodeJS.ProcessEnv = {},
) {
  const argv = ['events', 'listen', '--port', '0', ...flags];
  const { child, ran } = begin(argv, { TRUEDY_WEBHOOK_SECRETS: SECRET, ...settings });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => (printed += String(bytes)));
  }
  const ended = ran.then(({ stderr }) => fail(stderr));
  while (!printed.includes('Ready! ')) {
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
  }
  ended.catch(() => undefined);
  const [url = ''] = /http:\S+/.exec(printed) ?? [];
  const stop = async () => {
    child.kill('SIGINT');
    return ran;
  };
  return { url, child, ran, stop };
}

function fail(text: string): never {
  throw new Error(`The listener did not start: ${text}`);
}
