import type { ModuleMetadata } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { knownFields, wholeNumber } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';

/** Options of `RedisCacheMetricsModule`. */
export interface RedisCacheMetricsOptions {
  /**
   * Where the metrics are registered: your own registry, or prom-client's `register`.
   * @default a new one, for this application alone
   */
  registry?: Registry;
  /** What the names of all metrics begin with, before an underscore. @default 'cache' */
  prefix?: string;
  /**
   * How many caches have series of their own, in the order of their first use. The others are counted
   * together, as `other`.
   * @default 100
   */
  maxCaches?: number;
  /** Serves the whole registry under this path. @default no route */
  path?: string;
  /** Applied to the controller of that route: guards, or what lets it pass a global guard. @default [] */
  decorators?: readonly ClassDecorator[];
  /** What has to be imported to find the cache, where its module is not global. @default [] */
  imports?: ModuleMetadata['imports'];
}

/** The options with every default filled in. */
export interface ResolvedMetricsOptions {
  readonly registry: Registry | undefined;
  readonly prefix: string;
  readonly maxCaches: number;
}

/** Token of {@link ResolvedMetricsOptions}. */
export const METRICS_OPTIONS = Symbol.for('nestjs-redis-cache.metrics-options');

const FIELDS = [
  'registry',
  'prefix',
  'maxCaches',
  'path',
  'decorators',
  'imports',
] satisfies (keyof RedisCacheMetricsOptions)[];

/** What Prometheus allows in names, with no underscore at the end: one follows. */
const PREFIX = /^[A-Za-z_:](?:[A-Za-z0-9_:]*[A-Za-z0-9:])?$/;

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveMetricsOptions(options: RedisCacheMetricsOptions): ResolvedMetricsOptions {
  knownFields(options, 'options of RedisCacheMetricsModule', FIELDS);
  const { registry, prefix = 'cache', maxCaches = 100 } = options;
  if (!PREFIX.test(prefix)) {
    throw new InvalidCacheOptionsError(
      'prefix of RedisCacheMetricsModule',
      prefix,
      'letters, digits, underscores and colons, no digit first and no underscore last',
      `Write for instance 'crm_cache'.`,
    );
  }
  wholeNumber(maxCaches, 'maxCaches of RedisCacheMetricsModule', 1);
  return { registry, prefix, maxCaches };
}
