import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CACHE_OPERATIONS } from '../constants/injection.tokens.js';
import type { CacheOperations } from './cache-operations.js';
import type { NamedClass } from './cached-method.binding.js';
import { definitionsOf, inheritedDefinitionsOf } from './cached-method.metadata.js';
import { assertRouteCacheable } from './route-check.js';

type Discovered = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * Finds every decorated method at boot and decides its cache and policy, so that a slip stops the
 * boot instead of the first call. The methods work without it: their wrappers stand on the prototype.
 */
@Injectable()
export class CachedMethodExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(CACHE_OPERATIONS) private readonly operations: CacheOperations,
  ) {}

  /** @throws {InvalidCacheOptionsError | InvalidDecoratorError} naming the decorator at fault */
  bindAll(): void {
    const controllers = this.discovery.getControllers();
    for (const wrapper of [...this.discovery.getProviders(), ...controllers]) {
      const type = wrapper.isAlias ? undefined : classOf(wrapper);
      if (type) this.bind(type, controllers.includes(wrapper));
    }
  }

  private bind(type: NamedClass, isController: boolean): void {
    for (const method of this.scanner.getAllMethodNames(type.prototype)) {
      for (const definition of definitionsOf(type.prototype[method])) {
        this.operations.bind(definition, type);
        if (isController) assertRouteCacheable(definition, type, method);
      }
      for (const definition of inheritedDefinitionsOf(type.prototype, method)) {
        this.operations.reserve(definition, type);
      }
    }
  }
}

/** The class of a provider: of what a factory has made, too. Undefined where there is none. */
function classOf({ instance, metatype, inject }: Discovered): NamedClass | undefined {
  const made = instance as object | null | undefined;
  const type: unknown = inject ? made?.constructor : (metatype ?? made?.constructor);
  return typeof type === 'function' && typeof type.prototype === 'object' && type.prototype !== null
    ? type
    : undefined;
}
