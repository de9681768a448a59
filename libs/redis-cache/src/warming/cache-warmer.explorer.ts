import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { knownFields } from '../config/option-checks.js';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { warmerOptionsOf, type CacheWarmerOptions } from './cache-warmer.decorator.js';
import type { CacheWarmup } from './cache-warmup.interface.js';

type Discovered = ReturnType<DiscoveryService['getProviders']>[number];

/** Names stand in keys and in the labels of metrics. */
const MAX_NAME_LENGTH = 100;

/** Finds the providers marked by `@CacheWarmer()`. */
@Injectable()
export class CacheWarmerExplorer {
  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * By name, in the order that Nest knows them.
   *
   * @throws {InvalidDecoratorError} a warmer cannot be used, or two have one name
   */
  find(): ReadonlyMap<string, CacheWarmup> {
    const found = new Map<string, { type: NamedClass; warmer: CacheWarmup }>();
    for (const wrapper of this.discovery.getProviders()) {
      const type = wrapper.isAlias ? undefined : classOf(wrapper);
      const options = type && warmerOptionsOf(type);
      if (!type || !options) continue;
      const name = nameOf(type, options);
      const other = found.get(name);
      // Provided by several modules, it warms once.
      if (other?.type === type) continue;
      if (other) {
        throw refusal(
          type,
          `has the name '${name}', as ${other.type.name} has`,
          `Give one of them another: @CacheWarmer({ name: '${name}-2' }).`,
        );
      }
      found.set(name, { type, warmer: warmerOf(wrapper, type) });
    }
    return new Map([...found].map(([name, { warmer }]) => [name, warmer]));
  }
}

const GIVE_NAME = `Name it: @CacheWarmer({ name: 'leads' }).`;

function nameOf(type: NamedClass, options: CacheWarmerOptions): string {
  knownFields(options, `options of @CacheWarmer on ${type.name}`, ['name']);
  const name: unknown = options.name ?? type.name;
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH) return name;
  throw refusal(
    type,
    `has a name that is no text of 1 to ${MAX_NAME_LENGTH} characters`,
    GIVE_NAME,
  );
}

function warmerOf(wrapper: Discovered, type: NamedClass): CacheWarmup {
  if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
    throw refusal(
      type,
      'is made anew for each request or user, or needs what is',
      `Warm by a provider of the default scope.`,
    );
  }
  const instance = wrapper.instance as Partial<CacheWarmup> | null;
  if (typeof instance?.warm === 'function') return instance as CacheWarmup;
  throw refusal(type, 'has no method warm', `Implement CacheWarmup.`);
}

function refusal(type: NamedClass, problem: string, remedy: string): InvalidDecoratorError {
  return new InvalidDecoratorError(`@CacheWarmer on ${type.name}`, problem, remedy);
}

interface NamedClass {
  readonly name: string;
}

/** The class of a provider: of what a factory has made, too. */
function classOf({ instance, metatype, inject }: Discovered): NamedClass | undefined {
  const made = instance as object | null | undefined;
  const type: unknown = inject ? made?.constructor : (metatype ?? made?.constructor);
  return typeof type === 'function' ? type : undefined;
}
