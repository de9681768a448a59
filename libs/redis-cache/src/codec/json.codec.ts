import { asBuffer } from './binary.js';
import type { Codec } from './codec.interface.js';
import { CODEC_IDS } from './codec-ids.js';

/** JSON text in UTF-8, readable in redis-cli. For the values that `isExactJson` accepts. */
export const jsonCodec: Codec = {
  id: CODEC_IDS.json,
  name: 'json',
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (bytes): unknown => JSON.parse(asBuffer(bytes).toString()),
};
