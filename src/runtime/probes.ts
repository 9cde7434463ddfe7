import type { Server } from 'node:http';
import { createHealth, type Health } from './health';
import { cannotListen } from './process';
import { listen } from './http-server';

/** Serves `/livez` and `/readyz` on their own port, if one is set. @throws SettingsError if it cannot listen there. */
export async function listenForProbes(
  { healthHost: host, healthPort: port }: { healthHost: string; healthPort: number | undefined },
  health: Health,
): Promise<Server | undefined> {
  if (port === undefined) return undefined;
  const { server } = await listen(createHealth(health), { host, port }).catch((cause: unknown) => {
    throw cannotListen(`HEALTH_HOST ${host}, HEALTH_PORT ${port}`, cause);
  });
  return server;
}
