import { SingleBar } from 'cli-progress';

/** The state of a batch in numbers. */
export interface Counts {
  readonly total: number;
  readonly ended: number;
  readonly inFlight: number;
  readonly unknown: number;
}

export interface Progress {
  stop(): void;
}

const LINE_INTERVAL_MS = 10_000;
const BAR_INTERVAL_MS = 200;

/**
 * Shows a progress bar on a terminal, else prints a line every ten seconds. Both on stderr.
 *
 * @param isShared Whether results are printed to the same terminal, where they would break a bar.
 */
export function showProgress(
  counts: () => Counts,
  isShared: boolean,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const canRedraw = stream.isTTY && process.env['TERM'] !== 'dumb' && !isShared;
  return canRedraw ? showBar(counts, stream) : showLines(counts, stream);
}

// --- internal ---

function showLines(counts: () => Counts, stream: NodeJS.WriteStream): Progress {
  const timer = setInterval(() => stream.write(`${toLine(counts())}\n`), LINE_INTERVAL_MS);
  return { stop: () => clearInterval(timer) };
}

function showBar(counts: () => Counts, stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    format: '[{bar}] {line}',
    barsize: 30,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
  });
  const payload = () => ({ line: toLine(counts()) });
  bar.start(counts().total, counts().ended, payload());
  const update = () => bar.update(counts().ended, payload());
  const timer = setInterval(update, BAR_INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      update();
      bar.stop();
    },
  };
}

function toLine({ total, ended, inFlight, unknown }: Counts): string {
  return `${ended} of ${total} ended, ${inFlight} in flight, ${unknown} unknown`;
}
