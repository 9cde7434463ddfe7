import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createRequests } from './requests';

/** The worker of the bare or the naive implementation, by `BENCH_KIND`. */
async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const { TEMPORAL_ADDRESS, BENCH_KIND = 'bare', TRUEDY_BASE_URL = '' } = process.env;
  const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS ?? '' });
  const worker = await Worker.create({
    connection,
    taskQueue: process.env['TRUEDY_TASK_QUEUE'] ?? '',
    workflowsPath: require.resolve(`./${BENCH_KIND}/workflow`),
    activities: { ...createRequests(TRUEDY_BASE_URL, process.env['TRUEDY_API_KEY'] ?? '') },
  });
  const running = worker.run();
  process.stdout.write('Worker ready\n');
  await running;
}

void main();
