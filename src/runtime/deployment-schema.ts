import { z } from 'zod';

/**
 * The settings of Worker Versioning. The server refuses other names (dots in the name of a deployment, for example), but
 * the worker would not notice: it would report that it is ready, and receive nothing.
 */
export const deploymentShape = {
  TRUEDY_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][\w-]{0,99}$/, {
      error: 'is not a deployment name: up to 100 letters, digits, _ or -',
    })
    .optional(),
  TRUEDY_BUILD_ID: z
    .string()
    .regex(/^\w[\w.:+-]{0,127}$/, {
      error: 'is not a build ID: up to 128 letters, digits, _ . : + or -',
    })
    .optional(),
  TRUEDY_VERSIONING_BEHAVIOR: z
    .enum(['auto_upgrade', 'pinned'], { error: 'is neither auto_upgrade nor pinned' })
    .default('auto_upgrade'),
};

/** Whether a deployment has its build ID. */
export function hasBuildId({ TRUEDY_DEPLOYMENT_NAME: name, TRUEDY_BUILD_ID: build }: Values) {
  return name === undefined || build !== undefined;
}
export const BUILD_ID_MISSING = {
  path: ['TRUEDY_DEPLOYMENT_NAME'],
  error: 'is set without TRUEDY_BUILD_ID: set both or neither',
  when: () => true,
};

/** Whether a build belongs to a deployment. */
export function hasDeploymentName({
  TRUEDY_DEPLOYMENT_NAME: name,
  TRUEDY_BUILD_ID: build,
}: Values) {
  return build === undefined || name !== undefined;
}
export const DEPLOYMENT_NAME_MISSING = {
  path: ['TRUEDY_BUILD_ID'],
  error: 'is set without TRUEDY_DEPLOYMENT_NAME: set both or neither',
  when: () => true,
};

/** Which build of which deployment a worker is, and how its open calls follow a deploy. Absent without versioning. */
export function toDeployment(settings: z.infer<z.ZodObject<typeof deploymentShape>>) {
  const { TRUEDY_DEPLOYMENT_NAME: deploymentName, TRUEDY_BUILD_ID: buildId } = settings;
  if (deploymentName === undefined || buildId === undefined) return undefined;
  return { deploymentName, buildId, behavior: settings.TRUEDY_VERSIONING_BEHAVIOR };
}

// --- internal ---

// Evaluated even when other settings failed validation, hence `unknown`.
interface Values {
  readonly TRUEDY_DEPLOYMENT_NAME?: unknown;
  readonly TRUEDY_BUILD_ID?: unknown;
}
