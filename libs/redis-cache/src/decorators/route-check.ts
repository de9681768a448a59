import 'reflect-metadata';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import type { NamedClass } from './cached-method.binding.js';
import type { CachedMethodDefinition } from './cached-method.definition.js';

// Nest's own names and numbers for what it notes about the parameters of a route.
const ROUTE_ARGUMENTS = '__routeArguments__';
const SSE = '__sse__';
const REQUEST = 0;
const RESPONSE = 1;
const NEXT = 2;

/**
 * Refuses a cached route that writes its response by itself or streams it: a hit would leave the
 * client without an answer. A request among the arguments needs a `key` that leaves it out.
 *
 * @throws {InvalidDecoratorError}
 */
export function assertRouteCacheable(
  { kind, options, place }: CachedMethodDefinition,
  type: NamedClass,
  method: string,
): void {
  const used = injectedInto(type, method);
  if (kind === 'cacheable' && (used.has(RESPONSE) || used.has(NEXT))) {
    throw new InvalidDecoratorError(
      place,
      'stands on a route that takes the response into its own hands (@Res() or @Next())',
      `Return the value instead, or cache a method of a service.`,
    );
  }
  if (kind === 'cacheable' && Reflect.hasMetadata(SSE, type.prototype[method] as object)) {
    throw new InvalidDecoratorError(
      place,
      'stands on an @Sse() route',
      `A stream has no one value to cache.`,
    );
  }
  const said: Readonly<Record<string, unknown>> = { ...options };
  const keyed = kind === 'evict-tags' || Boolean(said.key ?? said.resultKey ?? said.allEntries);
  if (used.has(REQUEST) && !keyed) {
    throw new InvalidDecoratorError(
      place,
      'would make the key of the whole request (@Req())',
      `Say which part of it counts: key: (request: Request) => request.url.`,
    );
  }
}

/**
 * Kinds of parameters that Nest injects into a route; its notes are keyed `kind:index`. Those of
 * decorators made by `createParamDecorator` begin with a random id, which may begin with a digit.
 */
function injectedInto(type: NamedClass, method: string): ReadonlySet<number> {
  const notes = (Reflect.getMetadata(ROUTE_ARGUMENTS, type, method) ?? {}) as object;
  return new Set(Object.keys(notes).map((note) => Number(/^(\d+):/.exec(note)?.[1])));
}
