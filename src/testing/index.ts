/** The door for tests of programs that use this package. */
export {
  phones,
  startSimulator,
  type RunningSimulator,
  type StartSimulatorOptions,
} from './start-simulator';
export {
  startTemporalServer,
  type RunningTemporalServer,
  type StartTemporalServerOptions,
} from './start-temporal-server';
export { startTruedy, type RunningTruedy, type StartTruedyOptions } from './start-truedy';
export type { Dial } from './simulator/phones/ledger';
export type { PhonePlan } from './simulator/script/script';
