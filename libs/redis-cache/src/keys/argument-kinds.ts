/** Object literals of any realm, and objects without a prototype. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return true;
  // Only an Object.prototype has this of its own: that of another realm (vm, Jest).
  return Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Whether `key` names an element of an array. */
export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index < 0xffff_ffff;
}

/**
 * The bytes of a typed array or DataView under the name of its kind. Own extra properties are not
 * looked at: listing them would list every byte.
 */
export function encodeView(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return `:${viewKind(view)}(${bytes.toString('base64url')})`;
}

/** The engine's own name of the kind: the same for subclasses (Buffer) and in every realm. */
function viewKind(view: ArrayBufferView): string {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const kind: unknown = Reflect.get(typedArray, Symbol.toStringTag, view);
  return typeof kind === 'string' ? kind : 'DataView';
}

/** Whether an instance says itself what it amounts to. */
export function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** How an error calls `value`; never its content, which may be secret. */
export function className(value: object): string {
  const constructor: unknown = Reflect.get(value, 'constructor');
  return typeof constructor === 'function' ? `an instance of ${constructor.name}` : 'an object';
}
