import { isGrpcServiceError, ServiceError } from '@temporalio/client';

const MAX_TRIES = 5;
/** The status alone, FAILED_PRECONDITION, also means that no worker is polling. Seen on Server 1.32. */
const LOST = /unexpected workflow task failure/;

/**
 * Sends an update, again if the server discarded the workflow task that contained it. This happens when a
 * new event arrives while the run is completing; the workflow has not seen the update then.
 */
export async function sendUntilReceived<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isLost(error) || tries === MAX_TRIES) throw error;
    }
  }
}

// --- internal ---

function isLost(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return false;
  return LOST.test(error.cause.details);
}
