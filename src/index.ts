/** The main door of the package: start calls, and run the workers. */
export { inputProblems } from './client/input-problems';
export { optIn, optOut } from './client/opt-out';
export { readContact } from './client/read-contact';
export { callWorkflowId, startCall, type CallHandle } from './client/start-call';
export { toTruedyFailure, type TruedyFailure } from './client/truedy-failure';
export { TruedyPlugin, type TruedyPluginOptions } from './workers/plugin';
export {
  createTruedyWorkers as createWorkers,
  type CreateWorkersOptions,
  type TruedyWorkers,
} from './workers/standalone';
export type { TruedySettings } from './workers/settings';
export type { MayDial } from './activities';
export type * from './call/public-types';
