import { ScheduleAlreadyRunning, type Client } from '@temporalio/client';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createWorkers, type CreateWorkersOptions } from 'temporal-truedy';
import { createActivities, type Database } from './activities';
import type { Reminders } from './workflows';

const TASK_QUEUE = 'reminders';

/** Where the workers run, and the settings of Truedy. Default: the environment, `TRUEDY_API_KEY` and others. */
interface Options extends Omit<CreateWorkersOptions, 'temporal'> {
  readonly temporal: Pick<WorkerOptions, 'bundlerOptions' | 'interceptors' | 'sinks'> &
    Required<Pick<NonNullable<CreateWorkersOptions['temporal']>, 'connection' | 'namespace'>>;
}

/** Starts the clinic's worker and those of Truedy. They run until a signal, or `stop`. */
export async function startReminders(db: Database, options: Options) {
  const truedy = await createWorkers(options);
  const clinic = await Worker.create({
    ...options.temporal,
    taskQueue: TASK_QUEUE,
    workflowsPath: require.resolve('./workflows'),
    activities: createActivities(db),
  });
  const running = Promise.all([clinic.run(), truedy.run()]);
  return { running, stop: () => [clinic, truedy].forEach((worker) => worker.shutdown()) };
}

/** Every day at 10:00 at the clinic. */
export async function scheduleReminders(client: Client, reminders: Reminders): Promise<void> {
  const type = 'startWorkflow' as const;
  const spec = { calendars: [{ hour: 10 }], timezone: 'America/New_York' };
  const action = { type, workflowType: 'RemindPatients', taskQueue: TASK_QUEUE, args: [reminders] };
  try {
    await client.schedule.create({ scheduleId: 'appointment-reminders', spec, action });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
