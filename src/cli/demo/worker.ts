import { runMain } from '../../runtime/process';
import { runWorker } from '../../workers/run';

// After its worker is killed, the demo would pause for ten seconds with the SDK's default.
runMain(() => runWorker({ stickyQueueScheduleToStartTimeout: '1 s' }));
