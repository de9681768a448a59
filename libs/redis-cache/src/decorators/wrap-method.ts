import { Inject } from '@nestjs/common';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import type { CachedMethodDefinition } from './cached-method.definition.js';
import type { CacheOperations } from './cache-operations.js';
import { CACHE_OPERATIONS } from '../constants/injection.tokens.js';
import { resultKindOf } from './result-kind.js';

/** Property under which Nest gives each instance the cache of its application. */
const OPERATIONS = Symbol.for('nestjs-redis-cache.operations-of-instance');
const DEFINITIONS = 'nestjs-redis-cache:definitions';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What the decorator says, before it is known where it stands. */
export type Statement = Pick<CachedMethodDefinition, 'kind' | 'cache' | 'options'>;

/**
 * Replaces the method on the prototype by one that asks the cache first. Nest sees the wrapper when
 * it registers routes, which it does before any lifecycle hook runs; name, length and the metadata
 * of decorators below stay. An instance that Nest has not made calls the plain method.
 *
 * @throws {InvalidDecoratorError} it stands on something that is not a cacheable method
 */
export function wrapMethod(
  decorator: string,
  statement: Statement,
  target: object,
  property: string | symbol,
  descriptor: PropertyDescriptor,
): void {
  const original = methodOf(decorator, target, property, descriptor);
  const place = `@${decorator} on ${className(target)}.${String(property)}`;
  const definition = {
    ...statement,
    method: String(property),
    place,
    result: resultKindOf(target, property, place),
  } as CachedMethodDefinition;
  assertPlausible(definition, original);

  const wrapper: Method = function (this: unknown, ...args) {
    const operations = (this as Partial<Record<symbol, CacheOperations>> | undefined)?.[OPERATIONS];
    if (!operations) return original.apply(this, args);
    return operations.run(definition, this as object, args, original);
  };
  const { name, length } = original;
  Object.defineProperties(wrapper, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
  for (const key of Reflect.getMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), wrapper);
  }
  Reflect.defineMetadata(DEFINITIONS, [...definitionsOf(original), definition], wrapper);
  descriptor.value = wrapper;
  Inject(CACHE_OPERATIONS)(target, OPERATIONS);
}

/** What the caching decorators said about a method, innermost first. */
export function definitionsOf(method: unknown): readonly CachedMethodDefinition[] {
  if (typeof method !== 'function') return [];
  return (Reflect.getMetadata(DEFINITIONS, method) as CachedMethodDefinition[] | undefined) ?? [];
}

function methodOf(
  decorator: string,
  target: object,
  property: string | symbol,
  descriptor: PropertyDescriptor,
): Method {
  const place = `@${decorator} on ${className(target)}.${String(property)}`;
  if (typeof target === 'function') {
    throw new InvalidDecoratorError(
      place,
      'stands on a static method',
      `Only methods of instances can be cached: Nest gives each instance its cache.`,
    );
  }
  if (typeof descriptor.value !== 'function') {
    throw new InvalidDecoratorError(
      place,
      'stands on something that is not a method',
      `Decorate a method; an accessor or an arrow function in a property cannot be cached.`,
    );
  }
  return descriptor.value as Method;
}

function assertPlausible({ kind, options, place }: CachedMethodDefinition, original: Method): void {
  const others = definitionsOf(original).map((definition) => definition.kind);
  const pair = new Set([kind, ...others]);
  if (pair.has('cacheable') && pair.has('put')) {
    throw new InvalidDecoratorError(
      place,
      'meets @Cacheable and @CachePut on one method',
      `One skips the method on a hit, the other must always run it: keep one of the two.`,
    );
  }
  const resultKey = 'resultKey' in options ? options.resultKey : undefined;
  if (options.key && resultKey) {
    throw new InvalidDecoratorError(place, 'has key and resultKey', `Keep one of the two.`);
  }
  if (resultKey && 'beforeInvocation' in options && options.beforeInvocation) {
    throw new InvalidDecoratorError(
      place,
      'has beforeInvocation and resultKey',
      `Before the method runs there is no result: make the key of the arguments.`,
    );
  }
  if (kind !== 'cacheable' && !options.key && !resultKey && original.length > 1) {
    throw new InvalidDecoratorError(
      place,
      `would make the key of all ${original.length} arguments`,
      `A write seldom has just the arguments that the read has: say key: (id: string) => id, or resultKey.`,
    );
  }
}

function className(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}
