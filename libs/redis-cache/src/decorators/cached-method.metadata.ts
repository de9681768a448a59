import 'reflect-metadata';
import type { CachedMethodDefinition } from './cached-method.definition.js';

const DEFINITIONS = 'nestjs-redis-cache:definitions';

/** What the caching decorators said about a method, innermost first. */
export function definitionsOf(method: unknown): readonly CachedMethodDefinition[] {
  if (typeof method !== 'function') return [];
  return (Reflect.getMetadata(DEFINITIONS, method) as CachedMethodDefinition[] | undefined) ?? [];
}

/** Notes on a method what one more decorator said about it. */
export function addDefinition(method: object, definition: CachedMethodDefinition): void {
  Reflect.defineMetadata(DEFINITIONS, [...definitionsOf(method), definition], method);
}
