import { asBuffer, type TextOrBytes } from './binary.js';
import { CODEC_IDS } from './codec-ids.js';

/**
 * JSON, readable in redis-cli. For the values that `isExactJson` accepts. It stays text until it is sent;
 * it has no half of a surrogate pair, which UTF-8 cannot say, as `JSON.stringify` escapes those.
 */
export const jsonCodec = {
  id: CODEC_IDS.json,
  encode: (value: unknown): string => JSON.stringify(value),
  decode: (payload: TextOrBytes): unknown =>
    JSON.parse(typeof payload === 'string' ? payload : asBuffer(payload).toString()),
};
