type ViewType = new (buffer: ArrayBuffer) => ArrayBufferView;

/** Number of `Buffer` among the view types. */
const BUFFER = 10;

/**
 * Views onto memory. The position is the number that stands for the type in stored payloads, the
 * same as in Node's own `v8.serialize`: only ever append.
 */
const VIEW_TYPES: readonly ViewType[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  DataView,
  Buffer,
  BigInt64Array,
  BigUint64Array,
];

const NUMBERS = new Map(VIEW_TYPES.map(({ name }, number) => [name, number]));

/** Prototypes of the views that can be carried. */
export const VIEW_PROTOTYPES: readonly object[] = VIEW_TYPES.map(
  (type) => type.prototype as object,
);

/** The number of the type of `view`, of whatever realm; `undefined` if it cannot be carried. */
export function viewTypeNumber(view: ArrayBufferView): number | undefined {
  if (Buffer.isBuffer(view)) return BUFFER;
  return NUMBERS.get((view as Uint8Array | DataView)[Symbol.toStringTag]);
}

/** Bytes, or text that stands for its UTF-8. */
export type TextOrBytes = string | Uint8Array;

/** How many bytes they are. */
export function byteLengthOf(bytes: TextOrBytes): number {
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
}

/** The same bytes as a `Buffer`, not copied unless they are text. */
export function asBuffer(bytes: TextOrBytes): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes);
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes that `view` shows, not copied. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/**
 * A view of the type numbered `number` onto memory of its own.
 *
 * @throws {RangeError} no such type, or the bytes are no whole number of its elements
 */
export function makeView(number: number, bytes: Uint8Array): ArrayBufferView {
  const memory = copyMemory(bytes);
  if (number === BUFFER) return Buffer.from(memory);
  const Type = VIEW_TYPES[number];
  if (Type === undefined) throw new RangeError(`There is no type of view numbered ${number}`);
  return new Type(memory);
}

/** The bytes in an `ArrayBuffer` of exactly their length: no pool, nothing shared. */
export function copyMemory(bytes: Uint8Array): ArrayBuffer {
  const memory = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(memory).set(bytes);
  return memory;
}
