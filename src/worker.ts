import { runMain } from './runtime/process';
import { runWorker } from './workers/run';

if (require.main === module) runMain(() => runWorker());
