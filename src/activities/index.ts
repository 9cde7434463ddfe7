import type { Pace } from '../call/timing';
import type { WorkerFacts } from '../call/plan';
import { refuseOtherScale } from './retry-failures';
import { createFindCall } from './find-call';
import { createPlaceCall, type PlaceDependencies } from './place-call';
import { createPrepareCall } from './prepare-call';
import { createLookCall, createReadCall } from './read-call';
import { nextOpening } from './calling-window';

export type { MayDial } from './place-call';
export type { LookAnswer, ReadAnswer, ReadRequest } from './read-call';
export type { Opening } from './calling-window';

/** What the activities need from the process that runs them. */
export interface ActivityDependencies extends Omit<PlaceDependencies, 'timeScale'> {
  readonly facts: WorkerFacts;
}

/** What workflow code calls. Local: `prepareCall`, `nextOpening`; the others are one request each. */
export type Activities = ReturnType<typeof createActivities>;

export function createActivities(dependencies: ActivityDependencies) {
  const { truedy, server, facts } = dependencies;
  const { timeScale } = facts;
  return {
    prepareCall: createPrepareCall(facts),
    nextOpening,
    placeCall: createPlaceCall({ ...dependencies, timeScale }),
    findCall: ofScale(timeScale, createFindCall(truedy, server)),
    readCall: ofScale(timeScale, createReadCall(truedy, server)),
    lookCall: ofScale(timeScale, createLookCall(truedy)),
  };
}

// --- internal ---

type Scaled = { readonly timeScale: number } | { readonly pace: Pace };

/** A worker of another time scale speaks with another Truedy, which knows nothing of these calls. */
function ofScale<Request extends Scaled, Answer>(
  own: number,
  read: (request: Request) => Promise<Answer>,
) {
  return async (request: Request): Promise<Answer> => {
    refuseOtherScale('pace' in request ? request.pace.timeScale : request.timeScale, own);
    return read(request);
  };
}
