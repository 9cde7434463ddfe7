import type { Pace } from '../call/timing';
import type { WorkerFacts } from '../call/plan';
import { rejectOtherScale } from './retry-failures';
import { createSettleContact } from './contact-question';
import { createFindCall } from './find-call';
import { createPlaceCall, type PlaceDependencies } from './place-call';
import { createPrepareCall } from './prepare-call';
import { createLookCall, createReadCall } from './read-call';
import { nextOpening } from './calling-window';

export { createAwaitCall, type AwaitCallActivities } from './await-call';
export type { MayDial } from './place-call';
export type { LookAnswer, ReadAnswer, ReadRequest } from './read-call';
export type { Opening } from './calling-window';

/** What the activities need from their worker process. */
export interface ActivityDependencies extends Omit<PlaceDependencies, 'timeScale'> {
  readonly facts: WorkerFacts;
}

/** The activities. `prepareCall`, `nextOpening` and `settleContact` are local; each of the others makes one request. */
export type Activities = ReturnType<typeof createActivities>;

export function createActivities(dependencies: ActivityDependencies) {
  const { truedy, server, facts } = dependencies;
  const { timeScale } = facts;
  return {
    prepareCall: createPrepareCall(facts),
    nextOpening,
    settleContact: createSettleContact(dependencies.contacts),
    placeCall: createPlaceCall({ ...dependencies, timeScale }),
    findCall: withScaleCheck(timeScale, createFindCall(truedy, server)),
    readCall: withScaleCheck(timeScale, createReadCall(truedy, server)),
    lookCall: withScaleCheck(timeScale, createLookCall(truedy)),
  };
}

// --- internal ---

type Scaled = { readonly timeScale: number } | { readonly pace: Pace };

/** Rejects requests with another time scale: their calls are on another Truedy server, such as a simulator. */
function withScaleCheck<Request extends Scaled, Answer>(
  own: number,
  read: (request: Request) => Promise<Answer>,
) {
  return async (request: Request): Promise<Answer> => {
    rejectOtherScale('pace' in request ? request.pace.timeScale : request.timeScale, own);
    return read(request);
  };
}
