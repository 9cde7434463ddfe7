import { createDecipheriv } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { createEncryptionCodec } from '../../src/codec';
import { keysProblem } from '../../src/codec/keys';
import { K1, K2, OTHER_K1 } from './support/keys';

/** In Python: `bytes(12) + AESGCM(bytes([1]) * 32).encrypt(bytes(12), payload.SerializeToString(), None)`. */
const FROM_PYTHON =
  '000000000000000000000000b52392d4105560d0f710fc22632eab32daa8b0c0e9fe5d94de292cb37cb9033b0ec1d9933c809dd4cbd93423dc1d18bd5d39ebcfc928cc';

const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);
const valueOf = (one: Payload | undefined) => defaultPayloadConverter.fromPayload(one ?? {});
const metadataOf = ({ metadata }: Payload) =>
  Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, String(value)]));

async function encrypt(value: unknown, keys = K1): Promise<Payload> {
  const [encrypted] = await createEncryptionCodec({ keys }).encode([payload(value)]);
  if (encrypted === undefined) throw new Error('no payload');
  return encrypted;
}

describe('the codec', () => {
  it.each([[{ name: 'Zoë' }], ['text'], [null], [undefined], [new Uint8Array([1, 2])]])(
    'decrypts what it encrypted: %j',
    async (value) => {
      const codec = createEncryptionCodec({ keys: K1 });
      const [decoded] = await codec.decode([await encrypt(value)]);
      expect(valueOf(decoded)).toEqual(value);
    },
  );

  it('writes nonce, ciphertext of the serialized payload and tag, and names cipher and key', async () => {
    const encrypted = await encrypt('Canaria');
    expect(metadataOf(encrypted)).toEqual({
      encoding: 'binary/encrypted',
      'encryption-cipher': 'AES-GCM',
      'encryption-key-id': 'k1',
    });
    const data = encrypted.data ?? new Uint8Array();
    const decipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32, 1), data.subarray(0, 12));
    decipher.setAuthTag(data.subarray(-16));
    const plain = Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
    expect(plain.toString('latin1')).toMatch(/encoding[^]*json\/plain[^]*"Canaria"/);
  });

  it('reads a payload that Python encrypted', async () => {
    const [decoded] = await createEncryptionCodec({ keys: K1 }).decode([
      {
        metadata: {
          encoding: Buffer.from('binary/encrypted'),
          'encryption-cipher': Buffer.from('AES-GCM'),
          'encryption-key-id': Buffer.from('k1'),
        },
        data: Buffer.from(FROM_PYTHON, 'hex'),
      },
    ]);
    expect(valueOf(decoded)).toBe('from Python');
  });

  it('never writes the same bytes twice', async () => {
    expect((await encrypt('x')).data).not.toEqual((await encrypt('x')).data);
  });

  it('writes with the first key and reads with all', async () => {
    const codec = createEncryptionCodec({ keys: `${K2},${K1}` });
    const [written] = await codec.encode([payload('new')]);
    expect(metadataOf(written ?? {})['encryption-key-id']).toBe('k2');
    expect((await codec.decode([await encrypt('old')])).map(valueOf)).toEqual(['old']);
  });

  it.each([
    ['another encoding', payload('clear')],
    ['an encrypted payload that is too short', { metadata: encoding(), data: Buffer.alloc(27) }],
    ['an encrypted payload without a key id', { metadata: encoding(), data: Buffer.alloc(60) }],
    [
      'a key id with other characters',
      {
        metadata: { ...encoding(), 'encryption-key-id': Buffer.from('a b') },
        data: Buffer.alloc(60),
      },
    ],
    [
      'another cipher',
      {
        metadata: {
          ...encoding(),
          'encryption-cipher': Buffer.from('ROT13'),
          'encryption-key-id': Buffer.from('k1'),
        },
        data: Buffer.alloc(60),
      },
    ],
  ])('returns %s unchanged', async (_, sent) => {
    expect(await createEncryptionCodec({ keys: K1 }).decode([sent])).toEqual([sent]);
  });

  it.each([
    ['a key that is missing', K2, 'it needs key k1, and the keys here are k2'],
    ['a key with other bytes', OTHER_K1, 'key k1 has other bytes here'],
  ])('names %s in the type of its error', async (_, keys, message) => {
    const onUnknownKey = jest.fn();
    const codec = createEncryptionCodec({ keys, onUnknownKey });
    await expect(codec.decode([await encrypt('Canaria')])).rejects.toMatchObject({
      type: 'UnknownEncryptionKey:k1',
      message: expect.stringContaining(message),
      nonRetryable: false,
    });
    expect(onUnknownKey.mock.calls).toEqual([['k1']]);
  });

  it('refuses a payload that was changed', async () => {
    const encrypted = await encrypt('Canaria');
    const data = Buffer.from(encrypted.data ?? []);
    data.writeUInt8(data.readUInt8(20) ^ 1, 20);
    const changed = createEncryptionCodec({ keys: K1 }).decode([{ ...encrypted, data }]);
    await expect(changed).rejects.toMatchObject({ type: 'UnknownEncryptionKey:k1' });
  });
});

function encoding() {
  return { encoding: Buffer.from('binary/encrypted') };
}

describe('a list of keys', () => {
  const base64 = Buffer.alloc(32, 7).toString('base64');

  it.each([K1, `${K2},${K1}`, ` ${K1} , ${K2}`, `2026-11_a.b:${base64}`])('can be %s', (list) => {
    expect(keysProblem(list)).toBeUndefined();
  });

  it.each([
    '',
    base64,
    `:${base64}`,
    `a b:${base64}`,
    `${'a'.repeat(65)}:${base64}`,
    `k1:${Buffer.alloc(31).toString('base64')}`,
    `k1:${Buffer.alloc(33).toString('base64')}`,
    `k1:${'ab'.repeat(32)}`,
    `${K1},`,
    `${K1};${K2}`,
  ])('cannot be %s', (list) => {
    expect(keysProblem(list)).toMatch(/^contains an entry other than id:key/);
    expect(() => createEncryptionCodec({ keys: list })).toThrow(TypeError);
  });

  it('cannot contain an id twice', () => {
    expect(keysProblem(`${K1},${OTHER_K1}`)).toBe('contains a key id twice');
  });

  it('is never quoted in an error', () => {
    const create = () => createEncryptionCodec({ keys: `${K1},secret` });
    expect(create).toThrow(/^(?!.*(secret|AQEB))/);
  });
});
