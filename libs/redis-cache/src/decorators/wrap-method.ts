import { Inject } from '@nestjs/common';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import type { CachedMethodDefinition } from './cached-method.definition.js';
import type { CacheOperations } from './cache-operations.js';
import { CACHE_OPERATIONS } from '../constants/injection.tokens.js';
import { addDefinition, definitionsOf } from './cached-method.metadata.js';
import { assertPlausible } from './definition-check.js';
import { resultKindOf } from './result-kind.js';

/** Property under which Nest gives each instance the cache of its application. */
const OPERATIONS = Symbol.for('nestjs-redis-cache.operations-of-instance');

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
  descriptor: PropertyDescriptor | undefined,
): void {
  const declaredBy = className(target);
  const place = `@${decorator} on ${declaredBy}.${String(property)}`;
  assertMethod(target, descriptor, place);
  const original = descriptor.value;
  const result = resultKindOf(target, property, place);
  const definition = {
    ...statement,
    property,
    declaredBy,
    declaredIn: target,
    place,
    result,
  } as CachedMethodDefinition;
  assertPlausible(definition, definitionsOf(original), parametersOf(target, property, original));

  const wrapper: Method = function (this: unknown, ...args) {
    const operations = (this as Partial<Record<symbol, CacheOperations>> | undefined)?.[OPERATIONS];
    if (!operations) return original.apply(this, args);
    return operations.run(definition, this as object, args, original);
  };
  Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
  for (const key of Reflect.getMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), wrapper);
  }
  addDefinition(wrapper, definition);
  descriptor.value = wrapper;
  injectOperations(target);
}

/** Out of sight of what logs, compares or copies an instance: it shows what its class has written. */
function injectOperations(prototype: object): void {
  Inject(CACHE_OPERATIONS)(prototype, OPERATIONS);
  Object.defineProperty(prototype, OPERATIONS, {
    configurable: true,
    set(this: object, value: CacheOperations) {
      Object.defineProperty(this, OPERATIONS, { value, configurable: true, writable: true });
    },
  });
}

/** A property has no descriptor: an arrow function in it is made anew by each instance. */
function assertMethod(
  target: object,
  descriptor: PropertyDescriptor | undefined,
  place: string,
): asserts descriptor is TypedPropertyDescriptor<Method> & { value: Method } {
  if (typeof target === 'function') {
    throw new InvalidDecoratorError(
      place,
      'stands on a static method',
      `Only methods of instances can be cached: Nest gives each instance its cache.`,
    );
  }
  if (typeof descriptor?.value !== 'function') {
    throw new InvalidDecoratorError(
      place,
      'stands on something that is not a method',
      `Decorate a method; an accessor or an arrow function in a property cannot be cached.`,
    );
  }
}

/** How many it declares; `length` leaves out those from the first with a default on. */
function parametersOf(target: object, property: string | symbol, { length }: Method): number {
  const declared = Reflect.getMetadata('design:paramtypes', target, property) as unknown;
  return Array.isArray(declared) ? declared.length : length;
}

function className(target: object): string {
  const { name } = typeof target === 'function' ? target : target.constructor;
  return name || '(unnamed class)';
}
