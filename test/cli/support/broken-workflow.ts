/** Fails its workflow task, which the server repeats. */
export async function OutboundCallWorkflow(): Promise<never> {
  throw new Error('cannot decode +14155550101');
}
