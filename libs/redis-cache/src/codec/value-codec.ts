import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import { asBuffer, byteLengthOf, copyMemory, type TextOrBytes } from './binary.js';
import { ClassRegistry, type ClassRef } from './class-registry.js';
import type { Codec } from './codec.interface.js';
import { CODEC_IDS } from './codec-ids.js';
import { MAX_DECODED_DEPTH } from './depth.js';
import { assertGraph, assertTree } from './decoded-check.js';
import { copyDeep, copyTree } from './deep-copy.js';
import { freezeDeep } from './deep-freeze.js';
import { isExactJson } from './exactness.js';
import { jsonCodec } from './json.codec.js';
import { assertOwnCodec } from './own-codec.js';
import { survey } from './survey.js';
import { unwrap, wrap } from './tagged-values.js';
import { UndecodableValueError } from './undecodable-value.error.js';
import { v8Codec } from './v8.codec.js';

export type { ClassRef } from './class-registry.js';

/** A value as text or bytes, and by which codec they are to be read. */
export interface EncodedValue {
  readonly codecId: number;
  readonly payload: TextOrBytes;
  readonly payloadBytes: number;
}

/** What a cache's policy says about its values. */
export interface ValueCodecOptions {
  /** Replaces the choice between JSON and `node:v8`. */
  readonly codec?: Codec | undefined;
  /** The classes whose instances values may hold. Their `#private` fields cannot be carried. */
  readonly classes?: readonly ClassRef[] | undefined;
  /** Paths of the options that the two stand in, for errors. */
  readonly options?: { readonly codec: string; readonly classes: string };
}

/**
 * Carries the values of one cache, so that what comes out equals what went in: values that JSON
 * carries exactly as JSON text, all others by `node:v8`; instances, URLs and objects without
 * prototype tagged within either.
 *
 * Two things are not kept: whether an object was frozen, and memory shared by views of one buffer.
 */
export class ValueCodec {
  private readonly own: Codec | undefined;
  private readonly classes: ClassRegistry;

  /** @throws {InvalidCacheOptionsError} a codec or class that cannot be used */
  constructor({ codec, classes, options }: ValueCodecOptions = {}) {
    if (codec !== undefined) assertOwnCodec(codec, options?.codec);
    this.own = codec;
    this.classes = new ClassRegistry(classes, options?.classes);
  }

  /** Whether it carries instances of classes, which plain data is none of. */
  get revives(): boolean {
    return this.classes.size > 0;
  }

  /**
   * Text or bytes that {@link decode} turns into an equal value.
   *
   * @throws {UncacheableValueError} naming the path to the part that cannot be carried: functions,
   *   symbols, accessors, Promises, streams, Errors, Proxies, instances of classes not named, ...
   */
  encode(value: unknown): EncodedValue {
    try {
      return this.own ? encodeBy(this.own, value) : this.encodeExactly(value);
    } catch (error) {
      if (error instanceof UncacheableValueError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new UncacheableValueError(
        'value',
        `cannot be encoded (${reason})`,
        'Return plain data, or give the cache a codec that can.',
        { cause: error },
      );
    }
  }

  /** What the codec of an id is called, for people to read. */
  nameOf(codecId: number): string {
    if (this.own?.id === codecId) return this.own.name;
    const [name] = Object.entries(CODEC_IDS).find(([, id]) => id === codecId) ?? ['unknown'];
    return name;
  }

  /**
   * The value, sharing no memory with `payload`.
   *
   * @throws {UndecodableValueError} damaged bytes, or a codec or class not known here
   */
  decode(codecId: number, payload: TextOrBytes): unknown {
    try {
      return this.read(codecId, payload);
    } catch (error) {
      if (error instanceof UndecodableValueError) throw error;
      // Its message stays out of ours: that of JSON.parse quotes the payload.
      throw new UndecodableValueError(`Not readable by codec ${codecId}`, { cause: error });
    }
  }

  /**
   * A deep copy of a value that {@link encode} accepted or {@link decode} returned. Primitives are
   * returned as they are. With a codec of the user's, all but plain data is copied by way of it.
   *
   * @param codecId that of the encoded value, where known: copies of JSON data are then twice as fast
   * @throws {UncacheableValueError} the value is neither
   */
  copy(value: unknown, codecId?: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (codecId === CODEC_IDS.json) return copyTree(value);
    if (!this.own) return copyDeep(value, this.classes);
    return isExactJson(value) ? copyTree(value) : this.own.decode(this.own.encode(value));
  }

  /**
   * Freezes a value that nobody else holds, itself: one that {@link encode} accepted or {@link decode} returned.
   *
   * @returns whether all of it can be frozen, so that it may be handed out itself; if not, nothing of it is, and
   * each reader needs a copy
   */
  freezeOwned(value: unknown): boolean {
    return freezeDeep(value, this.classes);
  }

  private encodeExactly(value: unknown): EncodedValue {
    if (isExactJson(value)) return encodeAsJson(CODEC_IDS.json, value);
    if (!survey(value, this.classes)) return encodeBy(v8Codec, value);
    const tagged = wrap(value, this.classes);
    return isExactJson(tagged)
      ? encodeAsJson(CODEC_IDS.taggedJson, tagged)
      : { ...encodeBy(v8Codec, tagged), codecId: CODEC_IDS.taggedV8 };
  }

  private read(codecId: number, payload: TextOrBytes): unknown {
    switch (codecId) {
      case CODEC_IDS.json:
        return readJson(payload);
      case CODEC_IDS.v8:
        return readV8(payload);
      case CODEC_IDS.taggedJson:
        return unwrap(readJson(payload), this.classes);
      case CODEC_IDS.taggedV8:
        return unwrap(readV8(payload), this.classes);
      case this.own?.id:
        return (this.own as Codec).decode(new Uint8Array(copyMemory(asBuffer(payload))));
      default:
        throw new UndecodableValueError(`Unknown codec ${codecId}`);
    }
  }
}

function encodeBy(codec: Codec, value: unknown): EncodedValue {
  const payload: unknown = codec.encode(value);
  if (payload instanceof Uint8Array) {
    return { codecId: codec.id, payload, payloadBytes: payload.byteLength };
  }
  throw new TypeError(`the codec ${codec.name} returned no Uint8Array`);
}

function encodeAsJson(codecId: number, value: unknown): EncodedValue {
  const payload = jsonCodec.encode(value);
  return { codecId, payload, payloadBytes: byteLengthOf(payload) };
}

function readJson(payload: TextOrBytes): unknown {
  const value = jsonCodec.decode(payload);
  // Each level takes a character to open and one to close.
  if (payload.length > 2 * MAX_DECODED_DEPTH) assertTree(value);
  return value;
}

function readV8(payload: TextOrBytes): unknown {
  const value = v8Codec.decode(asBuffer(payload));
  assertGraph(value);
  return value;
}
