import { readWorkerConfig } from '../../../src/runtime/config';
import { runMain } from '../../../src/runtime/process';
import { createTruedyClient, type TruedyClient } from '../../../src/truedy/client';
import { runWorker } from '../../../src/workers/run';

/**
 * The worker of the fault rows: the real one, whose client kills the process at a named point of the one
 * request that rings. Production code reads none of these switches.
 */
type Point = 'before-write' | 'before-complete';

function killing(truedy: TruedyClient, point: string): TruedyClient {
  const die = (at: Point) => {
    if (point === at) process.kill(process.pid, 'SIGKILL');
  };
  return {
    ...truedy,
    placeCall: async (request, replyMs, beforeSend) => {
      die('before-write');
      const call = await truedy.placeCall(request, replyMs, beforeSend);
      die('before-complete');
      return call;
    },
  };
}

/** Sets this machine's clock apart from the server's, as far as the process can see. */
function shiftClock(ms: number): void {
  const now = Date.now.bind(Date);
  Date.now = () => now() + ms;
}

runMain(async () => {
  shiftClock(Number(process.env['CLOCK_OFF_MS'] ?? 0));
  const point = process.env['CRASH_POINT'] ?? '';
  const lastQuestionMs = Number(process.env['LAST_QUESTION_MS'] ?? 0);
  const pingMs = Number(process.env['PING_MS'] ?? 0);
  const codePath = process.env['WORKFLOW_BUNDLE'] ?? '';
  await runWorker({
    truedy: killing(createTruedyClient(readWorkerConfig(process.env)), point),
    stickyQueueScheduleToStartTimeout: '1 s',
    ...(codePath !== '' && { workflowBundle: { codePath } }),
    ...(pingMs > 0 && { watch: { everyMs: pingMs, freshMs: 5 * pingMs } }),
    // Time for the rig to stop the process between the last question and the first byte.
    ...(lastQuestionMs > 0 && {
      mayDial: async () => {
        await new Promise((resolve) => setTimeout(resolve, lastQuestionMs));
        return 'yes' as const;
      },
    }),
  });
});
