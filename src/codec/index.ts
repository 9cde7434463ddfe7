export { createCodecServer, type CodecServerOptions } from './codec-server';
export { createDataConverter } from './data-converter';
export { createEncryptionCodec, type EncryptionCodecOptions } from './encryption';
