import { defaultPayloadConverter, type SerializationContext } from '@temporalio/common';
import { isUnreadable } from '../../src/call/untrusted-values';
import { payloadConverter } from '../../src/temporal/payload-converter';

const OF_WORKFLOW = { type: 'workflow', namespace: 'default', workflowId: 'call/1' } as const;
const OF_ACTIVITY: SerializationContext = {
  type: 'activity',
  namespace: 'default',
  activityId: '1',
  isLocal: false,
};
const payload = (encoding: string, data: string) => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(data),
});
const UNREADABLE = [
  ['an unknown encoding', payload('binary/strange', 'x'), 'binary/strange'],
  ['JSON that was cut', payload('json/plain', '{"n":"+14155550101'), 'json/plain'],
  [
    'an encoding of a type this worker does not know',
    payload('json/protobuf', '{}'),
    'json/protobuf',
  ],
  ['no encoding', { metadata: {}, data: Buffer.from('{}') }, ''],
  ['no metadata', { data: Buffer.from('{}') }, ''],
  ['an encoding with other characters', payload('a\n`|', ''), 'a???'],
] as const;

it.each(UNREADABLE)(
  'marks what a workflow was sent in %s, and keeps only its encoding',
  (_, sent, encoding) => {
    const read = payloadConverter.fromPayload(sent, OF_WORKFLOW);
    expect(isUnreadable(read)).toBe(true);
    expect(read).toEqual({ unreadablePayload: { encoding } });
  },
);

it.each(UNREADABLE)(
  'fails on the result of an activity in %s: no marker may pass for an answer',
  (_, sent) => {
    expect(() => payloadConverter.fromPayload(sent, OF_ACTIVITY)).toThrow();
    expect(() => payloadConverter.fromPayload(sent)).toThrow();
  },
);

it.each([[{ a: ['Zoë', 1, null] }], ['text'], [null], [undefined], [new Uint8Array([1, 2])]])(
  'reads and writes as the SDK does: %j',
  (value) => {
    const written = payloadConverter.toPayload(value);
    expect(written).toEqual(defaultPayloadConverter.toPayload(value));
    expect(payloadConverter.fromPayload(written, OF_WORKFLOW)).toEqual(value);
  },
);
