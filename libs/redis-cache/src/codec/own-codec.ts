import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { Codec } from './codec.interface.js';
import { OWN_CODEC_IDS } from './codec-ids.js';

/**
 * Checks a codec given by a user.
 *
 * @param option path of the option it stands in, for the error
 * @throws {InvalidCacheOptionsError} not a {@link Codec}, or its id is not open to users
 */
export function assertOwnCodec(codec: unknown, option = 'codec'): asserts codec is Codec {
  const { id, name, encode, decode } = (codec ?? {}) as Partial<Record<keyof Codec, unknown>>;
  if (typeof encode !== 'function' || typeof decode !== 'function' || typeof name !== 'string') {
    throw new InvalidCacheOptionsError(
      option,
      codec,
      'an object with id, name, encode and decode',
      'See the interface Codec.',
    );
  }
  const { min, max } = OWN_CODEC_IDS;
  if (!Number.isInteger(id) || (id as number) < min || (id as number) > max) {
    throw new InvalidCacheOptionsError(
      `${option}.id`,
      id,
      `a whole number from ${min} to ${max}`,
      'It is stored with each entry: give every format an id of its own.',
    );
  }
}
