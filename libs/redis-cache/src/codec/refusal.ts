import { types } from 'node:util';
import { MAX_DEPTH } from './depth.js';
import { isBuiltIn } from './value-kind.js';

/** Why a value cannot be carried, and what its owner can do about it. */
export interface Refusal {
  readonly problem: string;
  readonly remedy: string;
}

const DATA_ONLY = 'Cache data only: leave it out, or return what is needed of it.';

const COPY_BYTES = 'Return a copy of its bytes.';

/** Refusals that no look at the value is needed for. */
export const REFUSALS = {
  proxy: { problem: 'is a Proxy', remedy: 'Return the object behind it, or a copy.' },
  symbolKey: { problem: 'has a property named by a symbol', remedy: DATA_ONLY },
  accessor: {
    problem: 'is a getter or setter',
    remedy: 'Return its value as a plain property, for instance by { ...object }.',
  },
  hidden: {
    problem: 'is a property that is not enumerable',
    remedy: 'Leave it out, or define it as a plain property.',
  },
  extras: {
    problem: 'has properties of its own beside its content',
    remedy: 'Put both into one object.',
  },
  impostor: { problem: 'has the prototype of a built-in class, but is none', remedy: DATA_ONLY },
  resizable: { problem: 'is a resizable buffer', remedy: COPY_BYTES },
  shared: { problem: 'shares its memory with other threads', remedy: COPY_BYTES },
  depth: {
    problem: `is nested more than ${MAX_DEPTH} levels deep`,
    remedy: 'Flatten the value, or cache its parts.',
  },
} satisfies Record<string, Refusal>;

/** Why a primitive, a function or an instance cannot be carried. Runs no code of the value. */
export function refusalOf(value: unknown): Refusal {
  if (typeof value !== 'object' || value === null) {
    return { problem: `is a ${typeof value}`, remedy: DATA_ONLY };
  }
  if (types.isPromise(value)) return { problem: 'is a Promise', remedy: 'Await it first.' };
  if (types.isNativeError(value)) {
    return { problem: 'is an Error', remedy: 'Throw it, or return what is needed of it as data.' };
  }
  const name = nameOfClass(value);
  if (types.isBoxedPrimitive(value)) {
    return { problem: `is a boxed primitive (${name})`, remedy: 'Return the primitive itself.' };
  }
  const problem = `is an instance of ${name}`;
  if (Array.isArray(value)) return { problem, remedy: 'Return a plain array: [...rows].' };
  if (isSource(value)) {
    return {
      problem: 'is a stream or an iterator',
      remedy: 'It can be read only once: return what was read from it.',
    };
  }
  if (isBuiltInClass(value)) return { problem, remedy: DATA_ONLY };
  return {
    problem,
    remedy:
      `Name the class in the policy of the cache, type: () => ${name}, if its properties are all ` +
      `there is to it; or return a plain object, or give the cache a codec.`,
  };
}

/** Streams, iterators and generators. */
function isSource(value: object): boolean {
  return hasMethod(value, 'pipe') || hasMethod(value, 'next') || hasMethod(value, 'getReader');
}

function hasMethod(value: object, name: string): boolean {
  return typeof dataProperty(value, name) === 'function';
}

function isBuiltInClass(value: object): boolean {
  const constructor = constructorOf(value);
  return constructor !== undefined && isBuiltIn(constructor);
}

function nameOfClass(value: object): string {
  const constructor = constructorOf(value);
  const name = constructor && dataProperty(constructor, 'name');
  return typeof name === 'string' && name !== '' ? name : 'an unnamed class';
}

function constructorOf(value: object): { readonly name: string } | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const constructor = prototype && dataProperty(prototype, 'constructor');
  return typeof constructor === 'function' ? constructor : undefined;
}

/** A property along the prototype chain, without calling a getter. */
function dataProperty(value: object, name: string): unknown {
  let link: object | null = value;
  while (link !== null) {
    const property = Object.getOwnPropertyDescriptor(link, name);
    if (property) return property.value;
    link = Object.getPrototypeOf(link) as object | null;
  }
  return undefined;
}
