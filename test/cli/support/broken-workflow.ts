/** Fails its workflow task, which the server then retries. */
export async function OutboundCallWorkflow(): Promise<never> {
  throw new Error('cannot decode +14155550101');
}
