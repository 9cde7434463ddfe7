import { once } from 'node:events';
import { begin } from './run';

export const SECRET = 'whsec_test_0123456789abcdef';

/** `events listen` as a process of its own, once it is ready. */
export async function startListener(
  flags: readonly string[] = [],
  settings: NodeJS.ProcessEnv = {},
) {
  const argv = ['events', 'listen', '--port', '0', ...flags];
  const { child, ran } = begin(argv, { TRUEDY_WEBHOOK_SECRETS: SECRET, ...settings });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => (said += String(bytes)));
  }
  const ended = ran.then((one) => fail(one.stderr));
  while (!said.includes('Ready! ')) {
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended]);
  }
  ended.catch(() => undefined);
  const [url = ''] = /http:\S+/.exec(said) ?? [];
  const stop = async () => {
    child.kill('SIGINT');
    return ran;
  };
  return { url, child, ran, stop };
}

function fail(text: string): never {
  throw new Error(`The listener did not start: ${text}`);
}
