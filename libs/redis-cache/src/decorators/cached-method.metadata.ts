import 'reflect-metadata';
import type { CachedMethodDefinition } from './cached-method.definition.js';

const DEFINITIONS = 'nestjs-redis-cache:definitions';

/** What the caching decorators said about a method, innermost first. */
export function definitionsOf(method: unknown): readonly CachedMethodDefinition[] {
  if (typeof method !== 'function') return [];
  return (Reflect.getMetadata(DEFINITIONS, method) as CachedMethodDefinition[] | undefined) ?? [];
}

/** The same of all that a class inherits under a name, overridden or not. */
export function inheritedDefinitionsOf(
  type: object,
  property: PropertyKey,
): readonly CachedMethodDefinition[] {
  const above = Object.getPrototypeOf(type) as object | null;
  if (above === null) return [];
  const method: unknown = Object.getOwnPropertyDescriptor(above, property)?.value;
  return [...definitionsOf(method), ...inheritedDefinitionsOf(above, property)];
}

/** Notes on a method what one more decorator said about it. */
export function addDefinition(method: object, definition: CachedMethodDefinition): void {
  Reflect.defineMetadata(DEFINITIONS, [...definitionsOf(method), definition], method);
}
