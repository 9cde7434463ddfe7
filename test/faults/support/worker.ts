import { readWorkerConfig } from '../../../src/runtime/config';
import { runMain } from '../../../src/runtime/process';
import { createTruedyClient, type TruedyClient } from '../../../src/truedy/client';
import { runWorker } from '../../../src/workers/run';

/**
 * The worker of the fault rows: a real worker whose client can kill or freeze the process at a given point of the
 * request that dials. Production code does not read these switches.
 */
type Point = 'before-write' | 'before-send' | 'before-complete';

interface Faults {
  /** Where the process kills itself. */
  readonly crash: string;
  /** It freezes after the last question before it sends a request that contains this text. */
  readonly freezesAt: string;
}

function faulty(truedy: TruedyClient, { crash, freezesAt }: Faults): TruedyClient {
  const die = (at: Point) => {
    if (crash === at) process.kill(process.pid, 'SIGKILL');
  };
  return {
    ...truedy,
    placeCall: async (request, replyMs, beforeSend, isInTime) => {
      die('before-write');
      const isAllowed = async () => {
        const isWanted = await beforeSend();
        if (isWanted) die('before-send');
        const freezes = freezesAt !== '' && request.body.includes(freezesAt);
        if (isWanted && freezes) process.kill(process.pid, 'SIGSTOP');
        return isWanted;
      };
      const call = await truedy.placeCall(request, replyMs, isAllowed, isInTime);
      die('before-complete');
      return call;
    },
  };
}

/** Shifts the clock that this process sees. */
function shiftClock(ms: number): void {
  const now = Date.now.bind(Date);
  Date.now = () => now() + ms;
}

runMain(async () => {
  shiftClock(Number(process.env['CLOCK_OFF_MS'] ?? 0));
  const faults = {
    crash: process.env['CRASH_POINT'] ?? '',
    freezesAt: process.env['FREEZES_BEFORE_SEND'] ?? '',
  };
  const lastCheckMs = Number(process.env['LAST_QUESTION_MS'] ?? 0);
  const pingMs = Number(process.env['PING_MS'] ?? 0);
  const codePath = process.env['WORKFLOW_BUNDLE'] ?? '';
  await runWorker({
    truedy: faulty(createTruedyClient(readWorkerConfig(process.env)), faults),
    stickyQueueScheduleToStartTimeout: '1 s',
    ...(codePath !== '' && { workflowBundle: { codePath } }),
    ...(pingMs > 0 && { watch: { everyMs: pingMs, freshMs: 5 * pingMs } }),
    // Gives the test time to stop the process between the last check and the first byte.
    ...(lastCheckMs > 0 && {
      mayDial: async () => {
        await new Promise((resolve) => setTimeout(resolve, lastCheckMs));
        return 'yes' as const;
      },
    }),
  });
});
