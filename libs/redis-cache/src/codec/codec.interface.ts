/**
 * Turns payloads into bytes and back, exactly: what comes out equals what went in, with types,
 * prototypes and order, and shares no memory with it.
 *
 * @example
 * const msgpack: Codec = { id: 16, name: 'msgpack', encode: pack, decode: unpack };
 */
export interface Codec {
  /**
   * Stored with every entry, so that it can be read later: never give an id to another format.
   * 16 to 127 for codecs of your own; 0 to 15 belong to the library.
   */
  readonly id: number;
  /** Shown in errors. */
  readonly name: string;
  /** May throw for what it cannot carry: such a value is not stored. */
  encode(value: unknown): Uint8Array;
  /** The bytes belong to the codec: views onto them may be returned. Throws on anything undecodable. */
  decode(bytes: Uint8Array): unknown;
}
