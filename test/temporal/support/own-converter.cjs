// A data converter of a user: its codec reverses the bytes of each payload.
const reverse = async (payloads) =>
  payloads.map((payload) => ({ ...payload, data: Buffer.from(payload.data ?? []).reverse() }));

exports.dataConverter = { payloadCodecs: [{ encode: reverse, decode: reverse }] };
