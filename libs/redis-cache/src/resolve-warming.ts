import { DEFAULTS } from './config/defaults.js';
import { durationMs, positiveMs } from './config/duration.js';
import { wholeNumber } from './config/option-checks.js';
import { group } from './config/option-group.js';
import { InvalidCacheOptionsError } from './errors/invalid-options.error.js';
import type { RedisCacheModuleOptions } from './redis-cache.options.js';
import type { ResolvedWarming, WarmMode } from './warming/cache-warming.service.js';

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveWarming(
  options: Pick<RedisCacheModuleOptions, 'warm' | 'warming' | 'connection' | 'far' | 'near'>,
  closeTimeoutMs: number,
): ResolvedWarming {
  const warming = { ...DEFAULTS.warming, ...group(options.warming, 'warming') };
  const mode = modeOf(options.warm ?? DEFAULTS.warm);
  // With neither tier there is nothing to keep it in.
  const keptFar = Boolean(options.connection) && options.far !== false;
  const kept = keptFar || options.near !== false;
  return {
    mode: kept && mode,
    concurrency: wholeNumber(warming.concurrency, 'warming.concurrency', 1),
    leaseMs: positiveMs(warming.lease, 'warming.lease'),
    freshMs: durationMs(warming.fresh, 'warming.fresh'),
    timeoutMs: positiveMs(warming.timeout, 'warming.timeout'),
    closeTimeoutMs,
  };
}

const MODES: readonly unknown[] = ['blocking', 'background', false];

function modeOf(value: unknown): WarmMode | false {
  if (MODES.includes(value)) return value as WarmMode | false;
  throw new InvalidCacheOptionsError(
    'warm',
    value,
    `'blocking', 'background' or false`,
    `Use 'blocking' where the application must not serve before it is warm.`,
  );
}
