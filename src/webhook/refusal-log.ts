import { createLineLimit } from './line-limit';

type Write = (fields: object, message: string) => void;

/** Logs what strangers cause: up to a limit, at which it says that further lines are left out. */
export function createRefusalLog(
  log: { readonly info: Write; readonly warn: Write },
  now: () => number,
) {
  const limit = createLineLimit(now);
  return (source: string, fields: object, message: string): void => {
    const decision = limit.count(source);
    if (decision === 'skip') return;
    log.info({ ...fields, source }, message);
    if (decision === 'last') {
      log.warn(
        { source },
        'too many refusals: further ones of this minute are counted, not logged',
      );
    }
  };
}
