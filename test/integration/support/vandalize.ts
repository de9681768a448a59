import { types } from 'node:util';

/** Changes a value in every part that can be changed, as an ill-mannered caller does. */
export function vandalize(value: unknown, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const part of partsOf(value)) vandalize(part, seen);
  for (const change of CHANGES) {
    try {
      change(value);
    } catch {
      // Frozen, or without such a part.
    }
  }
}

function partsOf(value: object): unknown[] {
  if (types.isMap(value)) return Array.from(value).flat();
  if (types.isSet(value)) return Array.from(value);
  return types.isTypedArray(value) ? [] : Object.values(value);
}

const CHANGES: readonly ((value: object) => void)[] = [
  (value) => types.isDate(value) && value.setTime(1),
  (value) => types.isMap(value) && value.clear(),
  (value) => types.isSet(value) && value.clear(),
  (value) => value instanceof URL && (value.href = 'https://vandal.example/'),
  (value) => types.isAnyArrayBuffer(value) && new Uint8Array(value).fill(0xee),
  // No more than the view shows: a Buffer shares its memory with others.
  (value) =>
    ArrayBuffer.isView(value) &&
    new Uint8Array(value.buffer, value.byteOffset, value.byteLength).fill(0xee),
  (value) => Array.isArray(value) && value.splice(0, 1, 'vandal'),
  (value) => types.isRegExp(value) && (value.lastIndex = 99),
  (value) => {
    for (const key of Object.keys(value)) Reflect.set(value, key, 'vandal');
  },
  (value) => Reflect.set(value, 'vandal', true),
  (value) => Reflect.setPrototypeOf(value, { vandal: true }),
];
