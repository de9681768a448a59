import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';

/**
 * What a tenant, a cache, a tag or a limit may be called.
 *
 * @throws {InvalidCacheKeyError} `name` is empty, or not a string
 */
export function assertName(what: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  // Also what a claim of a token or a plain JavaScript caller hands over: undefined, a number.
  const problem = name === '' ? 'is empty' : `is of type ${typeof name}`;
  throw new InvalidCacheKeyError(
    what,
    problem,
    `Give a ${what} that is a string with something in it.`,
  );
}

/**
 * The tags that somebody says, as they are. To be asked before anything is begun: later, one that is
 * none would look like a failure of Redis.
 *
 * @throws {InvalidCacheKeyError} they are no list, or one of them is empty or not a string
 */
export function assertTags(tags: unknown): readonly string[] {
  if (!Array.isArray(tags)) {
    const problem = `is of type ${tags === null ? 'null' : typeof tags}`;
    throw new InvalidCacheKeyError('tags', problem, 'Give a list of strings.');
  }
  for (const tag of tags as readonly unknown[]) assertName('tag', tag);
  return tags as readonly string[];
}
