import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { ANY_ONE, ANY_RUN, Glob, type GlobStep } from './glob.js';

/** A pattern is sent over the bus, so it has a bound. */
const MAX_LENGTH = 500;

/** What a pattern says of an entry: of the name of its cache, and of its key. */
export interface EntryGlobs {
  readonly cache: Glob;
  readonly key: Glob;
}

/**
 * Reads a pattern `cache/key`.
 *
 * - `*` stands for any run of characters, of none too, and `?` for exactly one.
 * - The first `/` parts cache and key. Without one the pattern is for caches, and takes all keys.
 * - `\` makes the character after it an ordinary one. `[` and `{` need it: there are no sets and no
 *   alternatives, and a pattern that was meant so must not silently match nothing.
 *
 * @throws {InvalidCacheOptionsError} anything else
 */
export function parsePattern(pattern: unknown): EntryGlobs {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > MAX_LENGTH) {
    throw refused(pattern, `a string of 1 to ${MAX_LENGTH} characters`);
  }
  const cache: GlobStep[] = [];
  let key: GlobStep[] | undefined;
  const characters = Array.from(pattern)[Symbol.iterator]();
  for (const character of characters) {
    const steps = key ?? cache;
    if (character === '*') {
      if (steps.at(-1) !== ANY_RUN) steps.push(ANY_RUN);
    } else if (character === '?') steps.push(ANY_ONE);
    else if (character === '/' && !key) key = [];
    else if (character === '[' || character === '{') {
      throw refused(pattern, `no ${character} without a backslash before it`);
    } else steps.push(pointOf(character === '\\' ? next(characters, pattern) : character));
  }
  if (cache.length === 0) throw refused(pattern, 'the name of a cache before the first slash');
  return { cache: new Glob(cache), key: new Glob(key ?? [ANY_RUN]) };
}

/**
 * Text as it stands, for use within a pattern: whatever characters it has match themselves alone.
 *
 * @example
 * await caches.evictPattern(`lead.search/${escapePattern(term)}*`);
 */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[{/]/g, '\\$&');
}

function next(characters: Iterator<string, undefined>, pattern: string): string {
  const { value } = characters.next();
  if (value === undefined) throw refused(pattern, 'a character after the last backslash');
  return value;
}

function pointOf(character: string): number {
  return character.codePointAt(0) as number;
}

function refused(pattern: unknown, expected: string): InvalidCacheOptionsError {
  return new InvalidCacheOptionsError(
    'pattern',
    pattern,
    expected,
    `Write 'cache/key' with * for any characters and ? for one, such as 'lead.byPhone/+1555*', ` +
      `and pass text that is to match itself through escapePattern().`,
  );
}
