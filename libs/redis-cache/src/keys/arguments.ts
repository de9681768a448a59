import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { ArgumentDecoder } from './argument-decoder.js';
import { encodeList } from './argument-encoder.js';
import { ArgumentTrail } from './argument-trail.js';
import { isClean, shorten } from './segment.js';

/** What a user gives as the key of an entry. An array is several key parts. */
export type CacheKey = string | number | bigint | boolean | Date | readonly unknown[] | object;

/**
 * The arguments of a method as one segment of a Redis key. Arguments that differ give different
 * text; equal ones give the same, whatever the order of their properties, map entries or set members.
 *
 * | argument | text |
 * |---|---|
 * | none at all | the empty text |
 * | several | their texts, separated by `;` |
 * | string | percent-encoded as by `encodeSegment`; the empty string `''` (two apostrophes) |
 * | number, bigint | `:42`, `:-0`, `:NaN`, `:42n` |
 * | boolean, `null`, `undefined` | `:true`, `:null`, `:undefined` |
 * | array | `(a;b)`, a hole `:empty` |
 * | plain object | `<key:value;key:value>`, keys sorted by code unit and encoded like strings |
 * | Date | `:Date(<milliseconds>)` |
 * | Map, Set | `:Map(key>value;key>value)`, `:Set(a;b)`, sorted by their text |
 * | Buffer, typed array, DataView, ArrayBuffer | `:Uint8Array(<base64url>)`, by kind |
 * | URL, RegExp | `:URL(<href>)`, `:RegExp(<source>;<flags>)`, percent-encoded |
 * | other instance with `toJSON` | `:json(<what it returns>)` |
 * | other instance with enumerable properties | like a plain object |
 *
 * Not part of the text, so never the only difference between two keys: the class of an instance,
 * `#private` fields, accessors on its prototype, and properties that are not enumerable.
 *
 * Above 200 bytes the text keeps its first 100 and ends in a digest of the whole. What a getter or
 * a `toJSON` of an argument throws passes through.
 *
 * @throws {InvalidCacheKeyError} naming the place (`argument 2.filter.where`): a function, symbol,
 *   error, boxed primitive, or an instance with nothing to tell it from another (Promise, WeakMap);
 *   a property named by a symbol; a built-in or array with properties beside its content; an
 *   object that has data on its prototype (`Object.create(defaults)`); a cycle; more than 64 levels
 * @example
 * encodeArguments(['+15551234567']);        // '+15551234567'
 * encodeArguments([42, { to: 'x', n: 1 }]); // ':42;<n::1;to:x>'
 */
export function encodeArguments(args: readonly unknown[]): string {
  return encodeParts(args, argumentLabel);
}

/**
 * A user's key as one segment of a Redis key. An array is several parts, so `['a', 1]` is the key
 * of a method called with `('a', 1)`, and `['a']` is the key `'a'`; anything else is one part.
 *
 * @throws {InvalidCacheKeyError} `null` or `undefined`, or what {@link encodeArguments} refuses
 */
export function encodeKey(key: CacheKey): string {
  if (typeof key === 'string' && key !== '' && isClean(key)) return key;
  if (Array.isArray(key)) return encodeParts(key, keyPartLabel);
  refuseMissing(key);
  return encodeParts([key], keyLabel);
}

/**
 * The values behind an encoded text: strings, numbers, bigints, booleans, `null`, `undefined`,
 * arrays, plain objects, Date, Map and Set. Instances that were encoded like plain objects come
 * back as plain objects.
 *
 * @returns `undefined` where the text was shortened, holds another kind, or is not an encoding
 */
export function decodeArguments(text: string): unknown[] | undefined {
  if (shorten(text) !== text) return undefined;
  const args = new ArgumentDecoder(text).list();
  try {
    return encodeArguments(args) === text ? args : undefined;
  } catch {
    return undefined; // only text that no arguments encode to can read as something refused
  }
}

function encodeParts(parts: readonly unknown[], label: (index: number) => string): string {
  const [first] = parts;
  if (parts.length === 1 && typeof first === 'string' && first !== '' && isClean(first)) {
    return first;
  }
  return shorten(encodeList(parts, ArgumentTrail.from(parts, label)));
}

/** A key function often reads an optional id; one entry for every missing id would be a mix-up. */
function refuseMissing(key: unknown): void {
  if (key !== null && key !== undefined) return;
  const remedy = 'Return what tells the entries apart, or skip the cache with a condition.';
  throw new InvalidCacheKeyError('key', `is ${key}`, remedy);
}

const argumentLabel = (index: number): string => `argument ${index + 1}`;
const keyPartLabel = (index: number): string => `key[${index}]`;
const keyLabel = (): string => 'key';
