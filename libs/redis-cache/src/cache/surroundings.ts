import type { RedisConnectionOptions } from '../connection/connection-options.js';
import { SystemClock, type Clock } from '../resilience/clock.js';
import { CacheEngine } from './cache-engine.js';
import type { EngineParts } from './engine-parts.js';

/** What the cache of an application does not make itself, so that tests can have it otherwise. */
export interface Surroundings {
  readonly clock: Clock;
  /** Chance, from 0 up to but not 1. */
  readonly fraction: () => number;
  /** Where Redis is, given where the options say that it is. */
  placeOf(configured: RedisConnectionOptions): RedisConnectionOptions;
  /** Puts the engine together. */
  createEngine(parts: EngineParts): CacheEngine;
}

/** Those of an application that is no test. */
export function systemSurroundings(): Surroundings {
  return {
    clock: new SystemClock(),
    fraction: Math.random,
    placeOf: (configured) => configured,
    createEngine: (parts) => new CacheEngine(parts),
  };
}
