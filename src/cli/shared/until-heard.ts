import { isGrpcServiceError, ServiceError } from '@temporalio/client';

const MOST_TIMES = 5;
/** Beside FAILED_PRECONDITION, which a query that no worker answers has, too. Seen on Server 1.32. */
const UNHEARD = /unexpected workflow task failure/;

/**
 * Sends an update, and again where the server took back the workflow task it came with: the run was about to
 * close when other news came, so nothing of the update was heard.
 */
export async function untilHeard<T>(send: () => Promise<T>): Promise<T> {
  for (let times = 1; ; times += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isUnheard(error) || times === MOST_TIMES) throw error;
    }
  }
}

// --- internal ---

function isUnheard(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return false;
  return UNHEARD.test(error.cause.details);
}
