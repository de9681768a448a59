import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { getOptionsToken, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { limitRule } from './rate-limit.js';
import { throttlersNamedOn } from './rate-limited.decorator.js';
import { RedisThrottlerStorage } from './redis-throttler.storage.js';

/**
 * Finds `@RateLimited` at boot that names no throttler: its routes would not be limited at all. And
 * throttlers that Redis cannot count by, whose routes would answer every request with 500.
 */
@Injectable()
export class RateLimitedExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * @throws {InvalidDecoratorError} naming the decorator at fault
   * @throws {InvalidCacheOptionsError} naming the throttler at fault
   */
  checkAll(): void {
    this.checkThrottlers();
    for (const { metatype } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function') continue;
      this.check(metatype, metatype.name);
      const prototype = metatype.prototype as Record<string, unknown>;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[method];
        if (typeof handler === 'function') this.check(handler, `${metatype.name}.${method}`);
      }
    }
  }

  private checkThrottlers(): void {
    const options = this.throttlerOptions();
    if (Array.isArray(options) || !(options.storage instanceof RedisThrottlerStorage)) return;
    for (const { name = 'default', limit, ttl, blockDuration } of options.throttlers) {
      limitRule(name, numberOf(limit) ?? 0, numberOf(ttl) ?? 1, numberOf(blockDuration) ?? 0);
    }
  }

  private check(target: object, place: string): void {
    const named = throttlersNamedOn(target);
    if (named.length === 0) return;
    const known = this.throttlers();
    const unknown = named.find((name) => !known.includes(name));
    if (unknown === undefined) return;
    throw new InvalidDecoratorError(
      `@RateLimited('${unknown}') on ${place}`,
      known.length === 0
        ? 'finds no throttlers'
        : `names none of the throttlers ${known.join(', ')}`,
      'Give ThrottlerModule a throttler of that name, by namedThrottler().',
    );
  }

  private throttlers(): string[] {
    const options = this.throttlerOptions();
    const throttlers = Array.isArray(options) ? options : options.throttlers;
    return throttlers.map(({ name = 'default' }) => name);
  }

  private throttlerOptions(): ThrottlerModuleOptions {
    try {
      return this.moduleRef.get<ThrottlerModuleOptions>(getOptionsToken(), { strict: false });
    } catch {
      return []; // the application has no ThrottlerModule
    }
  }
}

/** A number of a throttler, also as a text, as the guard takes it; undefined where requests say it. */
function numberOf(number: unknown): number | undefined {
  if (typeof number === 'string' && number.trim() !== '') return Number(number);
  return typeof number === 'number' ? number : undefined;
}
