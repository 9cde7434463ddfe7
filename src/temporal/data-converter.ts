import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { isObject } from '../call/untrusted-values';
import { createDataConverter } from '../codec/data-converter';
import type { EncryptionCodecOptions } from '../codec/encryption';
import { readEncryptionConfig } from '../runtime/config';
import { invalidSettings } from '../runtime/parse-settings';

const SETTING = 'TRUEDY_DATA_CONVERTER';

/**
 * The data converter of the environment: that of `TRUEDY_ENCRYPTION_KEYS`, or the export `dataConverter` of the module
 * at `TRUEDY_DATA_CONVERTER`; `undefined` if neither is set.
 *
 * @throws SettingsError if both are set, the keys are malformed, or the module cannot be used.
 */
export function readDataConverter(
  env: NodeJS.ProcessEnv,
  options: Pick<EncryptionCodecOptions, 'onUnknownKey'> = {},
): DataConverter | undefined {
  const { keys, converterPath } = readEncryptionConfig(env);
  if (keys !== undefined) return createDataConverter({ ...options, keys });
  return converterPath === undefined ? undefined : load(env, converterPath);
}

/** The same converter for a worker. Payloads that cannot be decoded become markers, unless it has its own converter. */
export function toWorkerConverter(converter: DataConverter | undefined): DataConverter {
  const payloadConverterPath = require.resolve('./payload-converter');
  return {
    ...converter,
    payloadConverterPath: converter?.payloadConverterPath ?? payloadConverterPath,
  };
}

// --- internal ---

/** @param path Relative to the working directory. */
function load(env: NodeJS.ProcessEnv, path: string): DataConverter {
  const problem = (text: string) => invalidSettings(env, new Map([[SETTING, [text]]]));
  let loaded: unknown;
  try {
    loaded = createRequire(__filename)(resolve(path));
  } catch (error) {
    const { code, name } = isObject(error) ? error : {};
    const why = [code, name].find((one) => typeof one === 'string') ?? 'unknown error';
    throw problem(`is a module that cannot be loaded: ${why}`);
  }
  const converter = isObject(loaded) ? loaded['dataConverter'] : undefined;
  if (isDataConverter(converter)) return converter;
  throw problem('is a module that does not export dataConverter');
}

function isDataConverter(value: unknown): value is DataConverter {
  if (!isObject(value)) return false;
  const { payloadCodecs = [], payloadConverterPath = '', failureConverterPath = '' } = value;
  const paths = [payloadConverterPath, failureConverterPath];
  return Array.isArray(payloadCodecs) && paths.every((path) => typeof path === 'string');
}
