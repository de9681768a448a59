import { inspect } from 'node:util';
import { asBuffer } from '../codec/binary.js';
import { CODEC_IDS, OWN_CODEC_IDS } from '../codec/codec-ids.js';
import { decodeEntry } from '../codec/envelope.js';
import { ValueCodec } from '../codec/value-codec.js';
import { plainPayload } from '../cache/entry-opener.js';
import type { ReadPolicy } from '../cache/far-explainer.js';
import type { Session } from './session.js';

/** A value as far as it can be read without the application that has stored it. */
export type StoredValue =
  | { readonly shownAs: 'json'; readonly json: unknown }
  /** What JSON cannot say: dates, maps, bytes. */
  | { readonly shownAs: 'text'; readonly text: string }
  /** By a codec of the application's own. */
  | { readonly shownAs: 'base64'; readonly base64: string }
  | { readonly shownAs: 'nothing' };

const plainCodec = new ValueCodec();

const readableCodec: ReadPolicy['codec'] = {
  nameOf: (codecId) => (isOwn(codecId) ? 'of the application' : plainCodec.nameOf(codecId)),
  decode: (codecId, payload) =>
    isOwn(codecId) ? payload : plainCodec.decode(withoutTags(codecId), payload),
};

/**
 * Reads what was written by the codecs of the library. Only the application knows its classes, so their
 * instances stay wrapped: `{ "@": "Lead", "=": { … } }`. What its own codec wrote passes for readable.
 */
export const readable: ReadPolicy = {
  codec: readableCodec,
  // When it is refreshed ahead of its end, only the application knows.
  refreshAhead: 0,
  maxBytes: 268_435_456,
};

/** The value under a key of Redis. */
export async function storedValue({ connection }: Session, redisKey: string): Promise<StoredValue> {
  const bytes = await connection.run((client) => client.getBuffer(redisKey));
  const decoded = bytes && decodeEntry(bytes);
  if (decoded?.kind !== 'entry') return { shownAs: 'nothing' };
  const { codecId } = decoded.header;
  try {
    const payload = plainPayload(decoded, readable);
    if (isOwn(codecId)) {
      return { shownAs: 'base64', base64: asBuffer(payload).toString('base64') };
    }
    const value = readableCodec.decode(codecId, payload);
    return withoutTags(codecId) === CODEC_IDS.json
      ? { shownAs: 'json', json: value }
      : { shownAs: 'text', text: inspect(value, { depth: 10, breakLength: 80 }) };
  } catch {
    return { shownAs: 'nothing' }; // why, is said of the entry itself
  }
}

function isOwn(codecId: number): boolean {
  return codecId >= OWN_CODEC_IDS.min;
}

function withoutTags(codecId: number): number {
  if (codecId === CODEC_IDS.taggedJson) return CODEC_IDS.json;
  return codecId === CODEC_IDS.taggedV8 ? CODEC_IDS.v8 : codecId;
}
