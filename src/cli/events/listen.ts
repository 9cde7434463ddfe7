import { isSafeAddress } from '../../runtime/addresses';
import { readWebhookSecrets } from '../../runtime/config';
import { cannotListen, KnownError, loadEnvironment, untilStopped } from '../../runtime/process';
import { WEBHOOK_PATH } from '../../webhook/app';
import { shouldSendContinue } from '../../webhook/expect-continue';
import { close, listen as listenAt } from '../../runtime/http-server';
import type { CommonFlags } from '../shared/flags';
import { secretName } from './delivery';
import { createListener, type PassOn } from './listener';
import { EXIT } from '../shared/exit-codes';
import { note, printNext } from '../shared/output';

const HOST = '127.0.0.1';
const DEFAULT_PORT = 8787;
/** Ctrl-C exits within two seconds, even during a delivery. */
const CLOSE_LIMIT_MS = 1_000;

export interface ListenFlags extends PassOn {
  readonly port?: number;
  readonly path?: string;
}

/** Receives deliveries during development, on this machine only, and prints each. It signals no run. */
export async function listen(flags: CommonFlags & ListenFlags): Promise<number> {
  const { port = DEFAULT_PORT, path = WEBHOOK_PATH, save } = flags;
  checkFlags(flags);
  const secrets = readWebhookSecrets(loadEnvironment());
  const stop = new AbortController();
  const app = createListener({
    ...flags,
    stopped: stop.signal,
    path,
    secrets,
    onReceived: (line, text) => printNext(flags.output, line, text),
    onError: (error) => note(`A delivery failed: ${error.name}`),
  });
  const { server, port: bound } = await listenAt(app, {
    host: HOST,
    port,
    shouldSendContinue,
  }).catch((cause) => {
    throw cannotListen(`--port ${port}`, cause);
  });
  if (save !== undefined) {
    note(
      `Deliveries are saved in ${save}. They contain phone numbers and transcripts: delete them after use.`,
    );
  }
  const names = secrets.map(secretName).join(', ');
  const ready = `Ready! http://${HOST}:${bound}${path}  secrets ${names}  (^C to quit)`;
  const isText = flags.output === 'text';
  if (!isText) note(ready);
  await untilStopped(
    () => {
      stop.abort();
      return close(server, CLOSE_LIMIT_MS);
    },
    isText ? ready : undefined,
  );
  return EXIT.done;
}

// --- internal ---

function checkFlags({ path = WEBHOOK_PATH, forwardTo }: ListenFlags): void {
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) {
    throw new KnownError(
      `TT3002  --path must be a path such as this one, without patterns or a query.\n        --path ${WEBHOOK_PATH}`,
      EXIT.usage,
    );
  }
  if (forwardTo !== undefined && !isSafeAddress(forwardTo)) {
    throw new KnownError(
      'TT4004  --forward-to must be https, or http on this machine: deliveries contain personal data.\n' +
        `        --forward-to http://127.0.0.1:3000${WEBHOOK_PATH}`,
      EXIT.usage,
    );
  }
}
