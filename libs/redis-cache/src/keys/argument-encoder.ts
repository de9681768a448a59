import { types } from 'node:util';
import { className, encodeView, hasToJson, isIndex, isPlain } from './argument-kinds.js';
import type { ArgumentTrail } from './argument-trail.js';
import { percentEncode } from './segment.js';

/** The elements of `list` in order, separated by `;`. The trail must stand inside `list`. */
export function encodeList(list: readonly unknown[], trail: ArgumentTrail): string {
  let text = '';
  for (let index = 0; index < list.length; index++) {
    trail.step = index;
    if (index > 0) text += ';';
    text += Object.hasOwn(list, index) ? encodeValue(list[index], trail) : ':empty';
  }
  return text;
}

function encodeValue(value: unknown, trail: ArgumentTrail): string {
  switch (typeof value) {
    case 'string':
      return encodeText(value);
    case 'number':
      return Object.is(value, -0) ? ':-0' : `:${value}`;
    case 'bigint':
      return `:${value}n`;
    case 'boolean':
    case 'undefined':
      return `:${value}`;
    case 'object':
      return value === null ? ':null' : encodeObject(value, trail.into(value));
    default:
      return trail.refuse(`is a ${typeof value}`);
  }
}

function encodeText(text: string): string {
  return text === '' ? "''" : percentEncode(text);
}

function encodeObject(value: object, trail: ArgumentTrail): string {
  if (Array.isArray(value)) return encodeArray(value, trail);
  if (isPlain(value)) return encodeRecord(value, trail);
  if (ArrayBuffer.isView(value)) return encodeView(value);
  return encodeBuiltIn(value, trail) ?? encodeInstance(value, trail);
}

function encodeArray(array: readonly unknown[], trail: ArgumentTrail): string {
  // Indices come first among the keys: where the last is one, all are.
  const lastKey = Object.keys(array).at(-1);
  if (lastKey !== undefined && !isIndex(lastKey)) refuseExtras(trail);
  refuseSymbolKeys(array, trail);
  return `(${encodeList(array, trail)})`;
}

function encodeRecord(record: object, trail: ArgumentTrail): string {
  refuseSymbolKeys(record, trail);
  const properties = Object.keys(record)
    .sort()
    .map((key) => {
      trail.step = key;
      return `${encodeText(key)}:${encodeValue(Reflect.get(record, key), trail)}`;
    });
  return `<${properties.join(';')}>`;
}

/** `undefined` where `value` is no built-in whose content can be read. */
function encodeBuiltIn(value: object, trail: ArgumentTrail): string | undefined {
  if (types.isNativeError(value)) trail.refuse('is an error');
  if (types.isBoxedPrimitive(value)) trail.refuse('is a boxed primitive');
  const text = encodeContent(value, trail);
  if (text !== undefined) {
    trail.step = undefined;
    if (Object.keys(value).length > 0) refuseExtras(trail);
    refuseSymbolKeys(value, trail);
  }
  return text;
}

function encodeContent(value: object, trail: ArgumentTrail): string | undefined {
  if (types.isDate(value)) return `:Date(${value.getTime()})`;
  if (types.isMap(value)) return `:Map(${encodeEntries(value, trail)})`;
  if (types.isSet(value)) return `:Set(${encodeMembers(value, trail)})`;
  if (types.isRegExp(value)) return `:RegExp(${percentEncode(value.source)};${value.flags})`;
  if (types.isArrayBuffer(value)) {
    return `:ArrayBuffer(${Buffer.from(value).toString('base64url')})`;
  }
  return value instanceof URL ? `:URL(${percentEncode(value.href)})` : undefined;
}

function encodeEntries(map: ReadonlyMap<unknown, unknown>, trail: ArgumentTrail): string {
  const entries = Array.from(map, ([key, value], index) => {
    trail.step = index;
    return `${encodeValue(key, trail)}>${encodeValue(value, trail)}`;
  });
  return entries.sort().join(';');
}

function encodeMembers(set: ReadonlySet<unknown>, trail: ArgumentTrail): string {
  const members = Array.from(set, (member, index) => {
    trail.step = index;
    return encodeValue(member, trail);
  });
  return members.sort().join(';');
}

function encodeInstance(value: object, trail: ArgumentTrail): string {
  if (hasToJson(value)) {
    trail.step = 'toJSON()';
    return `:json(${encodeValue(value.toJSON(), trail)})`;
  }
  refuseInherited(value, trail);
  if (Object.keys(value).length === 0) {
    trail.refuse(`is ${className(value)} with no properties that tell it from another`);
  }
  return encodeRecord(value, trail);
}

/** What a class's prototype has is the same for all its instances; that of any other object may differ. */
function refuseInherited(value: object, trail: ArgumentTrail): void {
  let holder = Object.getPrototypeOf(value) as object | null;
  while (holder !== null && !Object.hasOwn(holder, 'constructor')) {
    for (const [key, { enumerable, value: data }] of propertiesOf(holder)) {
      const tells = enumerable === true && data !== undefined && typeof data !== 'function';
      if (tells && !Object.hasOwn(value, key)) trail.refuse('has data on its prototype');
    }
    holder = Object.getPrototypeOf(holder) as object | null;
  }
}

function propertiesOf(holder: object): [string, PropertyDescriptor][] {
  return Object.entries(Object.getOwnPropertyDescriptors(holder));
}

function refuseExtras(trail: ArgumentTrail): never {
  return trail.refuse('has properties of its own beside its content');
}

function refuseSymbolKeys(value: object, trail: ArgumentTrail): void {
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol))) {
    trail.refuse('has a property named by a symbol');
  }
}
