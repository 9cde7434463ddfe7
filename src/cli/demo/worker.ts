import { runMain } from '../../runtime/process';
import { runWorker } from '../../workers/run';

// With the SDK's ten seconds the demo would stand still after its worker was killed.
runMain(() => runWorker({ stickyQueueScheduleToStartTimeout: '1 s' }));
