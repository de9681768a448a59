import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { received } from '../errors/received.js';
import type { CachedMethodDefinition } from './cached-method.definition.js';
import { misfit, misplaced, type Problem } from './options-check.js';

/** Options of which one says what the other would. */
const EXCLUDING: readonly (readonly string[])[] = [
  ['key', 'resultKey'],
  ['allEntries', 'key'],
  ['allEntries', 'resultKey'],
];

/**
 * Refuses what cannot be meant.
 *
 * @param others what the decorators below say about the same method
 * @param parameters how many the method declares
 * @throws {InvalidDecoratorError}
 */
export function assertPlausible(
  definition: CachedMethodDefinition,
  others: readonly CachedMethodDefinition[],
  parameters: number,
): void {
  const found =
    misplaced(definition) ??
    nameless(definition) ??
    misnamed(definition) ??
    meeting(definition, others) ??
    misfit(definition) ??
    contradicting(definition) ??
    unkeyed(definition, parameters);
  if (found) throw new InvalidDecoratorError(definition.place, found.problem, found.remedy);
}

function nameless({ kind, cache, property }: CachedMethodDefinition): Problem | undefined {
  if (cache !== undefined || kind === 'evict-tags') return undefined;
  if (kind !== 'cacheable') {
    const remedy = `Name the cache whose entry it changes, for instance 'lead.byPhone'.`;
    return { problem: 'names no cache', remedy };
  }
  if (typeof property === 'string') return undefined;
  return {
    problem: 'stands on a method that has no name but a symbol',
    remedy: `Name the cache: @Cacheable('lead.byPhone').`,
  };
}

function misnamed({ cache }: CachedMethodDefinition): Problem | undefined {
  const name: unknown = cache;
  if (name === undefined || typeof name === 'string') return undefined;
  return {
    problem: `has ${received(name)} in the place of the name of its cache`,
    remedy: `Name the cache, for instance 'lead.byPhone'.`,
  };
}

function meeting(
  { kind }: CachedMethodDefinition,
  others: readonly CachedMethodDefinition[],
): Problem | undefined {
  const kinds = new Set([kind, ...others.map((other) => other.kind)]);
  if (!kinds.has('cacheable') || !kinds.has('put')) return undefined;
  return {
    problem: 'meets @Cacheable and @CachePut on one method',
    remedy: `One skips the method on a hit, the other must always run it: keep one of the two.`,
  };
}

function contradicting(definition: CachedMethodDefinition): Problem | undefined {
  const { kind, options } = definition;
  if (kind === 'cacheable') return undefined;
  const said = new Set(Object.entries(options).flatMap(([name, value]) => (value ? [name] : [])));
  const pair = EXCLUDING.find((names) => names.every((name) => said.has(name)));
  if (pair) return { problem: `has ${pair.join(' and ')}`, remedy: `Keep one of the two.` };
  if (kind === 'evict-tags' && !said.has('tags') && !said.has('resultTags')) {
    const remedy = `Name a cache, or say tags: (id: string) => [\`lead:\${id}\`].`;
    return { problem: 'says neither a cache nor tags', remedy };
  }
  const ofResult = ['resultKey', 'resultTags', 'unless'].find((name) => said.has(name));
  if (!said.has('beforeInvocation') || !ofResult) return undefined;
  return {
    problem: `has beforeInvocation and ${ofResult}`,
    remedy: `Before the method runs there is no result: decide by the arguments.`,
  };
}

function unkeyed(definition: CachedMethodDefinition, parameters: number): Problem | undefined {
  const { kind, options } = definition;
  if (kind === 'cacheable' || kind === 'evict-tags' || parameters <= 1) return undefined;
  if (options.key || options.resultKey || ('allEntries' in options && options.allEntries)) {
    return undefined;
  }
  return {
    problem: `would make the key of all ${parameters} arguments`,
    remedy: `A write seldom has just the arguments that the read has: say key: (id: string) => id, or resultKey.`,
  };
}
