import type { DataConverter } from '@temporalio/common';
import { createEncryptionCodec, type EncryptionCodecOptions } from './encryption';

/** The path of the failure converter, for `bundleWorkflowCode`. */
export const FAILURE_CONVERTER_PATH = require.resolve('./failure-converter');

/**
 * A data converter that encrypts payloads, and messages and stack traces of failures. Use it in each `Client` and
 * `Worker` of the namespace that exchanges data with the others.
 *
 * @throws TypeError if `keys` is malformed.
 */
export function createDataConverter(options: EncryptionCodecOptions): DataConverter {
  return {
    payloadCodecs: [createEncryptionCodec(options)],
    failureConverterPath: FAILURE_CONVERTER_PATH,
  };
}
