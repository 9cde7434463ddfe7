import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Moves messages and stack traces of failures into a payload, which the codec encrypts. Types of failures stay readable.
 *
 * The SDK loads this export by name, from the path given to the worker, the client and the bundler. A prebuilt bundle
 * ignores the worker's path.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
