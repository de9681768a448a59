import { types } from 'node:util';
import { VIEW_PROTOTYPES } from './binary.js';

/** What an object that can be carried is, by its prototype. */
export type ValueKind =
  | 'object'
  | 'null-object'
  | 'array'
  | 'map'
  | 'set'
  | 'date'
  | 'regexp'
  | 'url'
  | 'view'
  | 'array-buffer';

const KINDS: ReadonlyMap<object | null, ValueKind> = new Map<object | null, ValueKind>([
  [Object.prototype, 'object'],
  [null, 'null-object'],
  [Array.prototype, 'array'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [Date.prototype, 'date'],
  [RegExp.prototype, 'regexp'],
  [URL.prototype, 'url'],
  [ArrayBuffer.prototype, 'array-buffer'],
  ...VIEW_PROTOTYPES.map((prototype) => [prototype, 'view'] as const),
]);

const KINDS_BY_NAME = new Map(
  Array.from(KINDS, ([prototype, kind]) => [prototype?.constructor.name, kind]),
);

/**
 * The kind of an object, `undefined` for instances of any other class, subclasses of the built-in
 * ones included. Built-ins of another realm (`vm`, Jest) count as those of this one.
 */
export function kindOf(value: object): ValueKind | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return KINDS.get(prototype) ?? foreignKind(prototype as object);
}

/** Whether the object really is what its prototype says, and not an `Object.create()` of it. */
export function hasSlots(value: object, kind: ValueKind): boolean {
  switch (kind) {
    case 'array':
      return Array.isArray(value);
    case 'map':
      return types.isMap(value);
    case 'set':
      return types.isSet(value);
    case 'date':
      return types.isDate(value);
    case 'regexp':
      return types.isRegExp(value);
    case 'view':
      return ArrayBuffer.isView(value);
    case 'array-buffer':
      return types.isArrayBuffer(value);
    default:
      return true;
  }
}

/** Whether `constructor` is part of the language, of whatever realm. */
export function isBuiltIn(constructor: { readonly name: string }): boolean {
  const source: string = Function.prototype.toString.call(constructor);
  return source === `function ${constructor.name}() { [native code] }`;
}

function foreignKind(prototype: object): ValueKind | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function' || constructor.prototype !== prototype) return undefined;
  const kind = KINDS_BY_NAME.get(constructor.name);
  return kind !== undefined && isBuiltIn(constructor) ? kind : undefined;
}

/** Whether the array has all its elements and no other enumerable property. */
export function isDense(array: readonly unknown[]): boolean {
  const keys = Object.keys(array);
  // Indices come first among the keys: where the last of as many keys is one, all are.
  return keys.length === array.length && (keys.at(-1) ?? '-1') === String(array.length - 1);
}
