import { SingleBar } from 'cli-progress';
import { remark } from './output';

/** How far a batch is. */
export interface Counts {
  readonly total: number;
  readonly ended: number;
  readonly inFlight: number;
  readonly unknown: number;
}

export interface Progress {
  /** Shows the counts as they are now, at the progress's own pace. */
  stop(): void;
}

const LINE_EVERY_MS = 10_000;
const BAR_EVERY_MS = 200;

/** A moving bar on a terminal; elsewhere a plain line every ten seconds. Both on stderr. */
export function showProgress(
  counts: () => Counts,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const isMoving = stream.isTTY && process.env['TERM'] !== 'dumb';
  return isMoving ? showBar(counts, stream) : showLines(counts);
}

export function toProgressLine({ total, ended, inFlight, unknown }: Counts): string {
  return `${ended} of ${total} ended, ${inFlight} in flight, ${unknown} unknown`;
}

// --- internal ---

function showLines(counts: () => Counts): Progress {
  const timer = setInterval(() => remark(toProgressLine(counts())), LINE_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

function showBar(counts: () => Counts, stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    format: '[{bar}] {line}',
    barsize: 30,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    // A row that ended meanwhile must not read as a bar that hangs.
    forceRedraw: true,
  });
  const payload = () => ({ line: toProgressLine(counts()) });
  bar.start(counts().total, counts().ended, payload());
  const update = () => bar.update(counts().ended, payload());
  const timer = setInterval(update, BAR_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      update();
      bar.stop();
    },
  };
}
