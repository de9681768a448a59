import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { getOptionsToken, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { throttlersNamedOn } from './rate-limited.decorator.js';

/** Finds `@RateLimited` at boot that names no throttler: its routes would not be limited at all. */
@Injectable()
export class RateLimitedExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** @throws {InvalidDecoratorError} naming the decorator at fault */
  checkAll(): void {
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
