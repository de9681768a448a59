import 'reflect-metadata';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
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
  type: object & { prototype: Record<string, unknown> },
  method: string,
): void {
  if (kind !== 'cacheable') return;
  const used = injectedInto(type, method);
  if (used.has(RESPONSE) || used.has(NEXT)) {
    throw new InvalidDecoratorError(
      place,
      'stands on a route that takes the response into its own hands (@Res() or @Next())',
      `Return the value instead, or cache a method of a service.`,
    );
  }
  if (Reflect.hasMetadata(SSE, type.prototype[method] as object)) {
    throw new InvalidDecoratorError(place, 'stands on an @Sse() route', `A stream has no one value to cache.`);
  }
  if (used.has(REQUEST) && !options.key) {
    throw new InvalidDecoratorError(
      place,
      'would make the key of the whole request (@Req())',
      `Say which part of it counts: key: (request: Request) => request.url.`,
    );
  }
}

/** Kinds of parameters that Nest injects into a route; its notes are keyed `kind:index`. */
function injectedInto(type: object, method: string): ReadonlySet<number> {
  const notes = (Reflect.getMetadata(ROUTE_ARGUMENTS, type, method) ?? {}) as object;
  return new Set(Object.keys(notes).map((note) => Number.parseInt(note, 10)));
}
