import { removeBundles } from './workflow-bundles';

export default async function teardown(): Promise<void> {
  await removeBundles();
  await globalThis.temporalServer?.stop();
}
