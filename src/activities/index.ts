import type { WorkerFacts } from '../call/plan';
import { createFindCall } from './find';
import { createPlaceCall, type PlaceDependencies } from './place';
import { createPrepareCall } from './prepare';
import { createLookCall, createReadCall } from './read';
import { nextOpening } from './window';

export type { MayDial } from './place';
export type { LookAnswer, ReadAnswer, ReadRequest } from './read';
export type { Opening } from './window';

/** What the activities need from the process that runs them. */
export interface ActivityDependencies extends Omit<PlaceDependencies, 'timeScale'> {
  readonly facts: WorkerFacts;
}

/** What workflow code calls. Local: `prepareCall`, `nextOpening`; the others are one request each. */
export type Activities = ReturnType<typeof createActivities>;

export function createActivities(dependencies: ActivityDependencies) {
  const { truedy, facts } = dependencies;
  return {
    prepareCall: createPrepareCall(facts),
    nextOpening,
    placeCall: createPlaceCall({ ...dependencies, timeScale: facts.timeScale }),
    findCall: createFindCall(truedy),
    readCall: createReadCall(truedy),
    lookCall: createLookCall(truedy),
  };
}
