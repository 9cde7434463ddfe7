import { httpAddress } from '../runtime/addresses';
import { readCodecConfig } from '../runtime/config';
import { close, listen } from '../runtime/http-server';
import { unknownSettings } from '../runtime/list-settings';
import { createLogger } from '../runtime/log';
import { cannotListen, loadEnvironment, runMain, untilStopped } from '../runtime/process';
import { createCodecServer } from './codec-server';

runMain(async () => {
  const env = loadEnvironment();
  const { host, port, logLevel, logFormat, ...options } = readCodecConfig(env);
  const log = createLogger({ name: 'codec-server', level: logLevel, format: logFormat });
  for (const line of unknownSettings(env)) log.warn(line);
  const onRefused = (refusal: object) => log.warn(refusal, 'Request refused');
  const app = createCodecServer({
    ...options,
    onRefused,
    onUnknownKey: (keyId) =>
      log.warn({ keyId }, 'TT6004 A payload was not decrypted: its key is missing here'),
  });
  // The Temporal UI adds a query.
  const listening = listen(app, { host, port, allowsQuery: true, onRefused });
  const { server, port: bound } = await listening.catch((cause: unknown) => {
    throw cannotListen(`CODEC_HOST ${host}, CODEC_PORT ${port}`, cause);
  });
  await untilStopped(() => close(server), `Codec server ready on ${httpAddress(host, bound)}`);
});
