import { inspect, types } from 'node:util';

/**
 * Throws, naming the first difference, unless `actual` cannot be told from `expected` by any means
 * but being another object: types, prototypes, own properties and their order, holes, order of
 * Maps and Sets, bytes, and which parts are the same object.
 *
 * Written without a look at the library, so that a mistake is not made twice.
 */
export function expectExact(actual: unknown, expected: unknown): void {
  new Comparison().value(actual, expected, 'value');
}

/** Whether {@link expectExact} accepts the two. */
export function strictEqual(a: unknown, b: unknown): boolean {
  try {
    expectExact(a, b);
    return true;
  } catch (error) {
    if (error instanceof Difference) return false;
    throw error;
  }
}

class Difference extends Error {
  override readonly name = 'Difference';
}

class Comparison {
  private readonly partners = new Map<object, object>();
  private readonly partnersBack = new Map<object, object>();

  value(actual: unknown, expected: unknown, path: string): void {
    if (isObject(actual) && isObject(expected)) this.object(actual, expected, path);
    else this.same(actual, expected, path);
  }

  private object(actual: object, expected: object, path: string): void {
    const known = this.partners.get(actual);
    if (known !== undefined || this.partnersBack.has(expected)) {
      if (known !== expected) throw new Difference(`${path}: another object is the same`);
      return;
    }
    this.partners.set(actual, expected);
    this.partnersBack.set(expected, actual);
    this.same(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected), `${path}.__proto__`);
    this.same(brandOf(actual), brandOf(expected), `brand of ${path}`);
    this.content(actual, expected, path);
    this.properties(actual, expected, path);
  }

  /** What is not in properties. */
  private content(actual: object, expected: object, path: string): void {
    this.same(contentOf(actual), contentOf(expected), `content of ${path}`);
    const actualMembers = membersOf(actual);
    const expectedMembers = membersOf(expected);
    this.same(actualMembers.length, expectedMembers.length, `size of ${path}`);
    actualMembers.forEach((member, index) => {
      this.value(member, expectedMembers[index], `${path}<${index}>`);
    });
  }

  private properties(actual: object, expected: object, path: string): void {
    const keys = keysOf(actual);
    this.same(inspect(keys), inspect(keysOf(expected)), `keys of ${path}`);
    for (const key of keys) {
      const a = Object.getOwnPropertyDescriptor(actual, key);
      const e = Object.getOwnPropertyDescriptor(expected, key);
      this.same(a?.enumerable, e?.enumerable, `${path}.${String(key)} enumerable`);
      this.same(a?.get, e?.get, `getter ${path}.${String(key)}`);
      this.value(a?.value, e?.value, `${path}.${String(key)}`);
    }
  }

  private same(actual: unknown, expected: unknown, what: string): void {
    if (Object.is(actual, expected)) return;
    throw new Difference(`${what}: ${inspect(actual)} instead of ${inspect(expected)}`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What internal slots the object has, which its prototype need not tell. */
function brandOf(value: object): string {
  const brands = [
    ['array', Array.isArray(value)],
    ['date', types.isDate(value)],
    ['map', types.isMap(value)],
    ['set', types.isSet(value)],
    ['regexp', types.isRegExp(value)],
    ['array-buffer', types.isArrayBuffer(value)],
    ['typed-array', types.isTypedArray(value)],
    ['data-view', types.isDataView(value)],
    ['url', value instanceof URL],
  ] as const;
  return brands.find(([, holds]) => holds)?.[0] ?? 'object';
}

function contentOf(value: object): unknown {
  if (types.isDate(value)) return value.getTime();
  if (types.isRegExp(value)) return `${String(value)} at ${value.lastIndex}`;
  if (value instanceof URL) return value.href;
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value).toString('hex');
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  }
  return undefined;
}

function membersOf(value: object): readonly unknown[] {
  if (types.isMap(value)) return Array.from(value).flat();
  return types.isSet(value) ? Array.from(value) : [];
}

/** Of a typed array the bytes are compared instead: its elements are no properties to list. */
function keysOf(value: object): readonly PropertyKey[] {
  return types.isTypedArray(value) ? Object.getOwnPropertySymbols(value) : Reflect.ownKeys(value);
}
