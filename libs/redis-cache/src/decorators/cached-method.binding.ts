import type { CachePolicies } from '../cache/cache-policies.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { CacheScopes } from '../cache/entry-scopes.js';
import type { CachePolicy } from '../config/cache-policy.js';
import { resolvePolicy, type ResolvedPolicy } from '../config/resolve-policy.js';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { classDefaultsOf } from './cache-defaults.decorator.js';
import type { CachedMethodDefinition, TagEvictDefinition } from './cached-method.definition.js';
import { definitionsOf } from './cached-method.metadata.js';
import { isMethodOption } from './options-check.js';

/** What a decorator comes to for one class of one application. */
export interface Binding {
  readonly cache: string;
  readonly policy: ResolvedPolicy;
  readonly scopes: CacheScopes;
}

/** The class of an instance, as far as a binding depends on it. */
export interface NamedClass {
  readonly name: string;
  readonly prototype: Readonly<Record<PropertyKey, unknown>>;
}

/** What a default name stands for: a class, and whose method it is. */
interface Named {
  readonly type: NamedClass;
  readonly declaredIn: object;
}

/** Decides once, for each decorator and class, which cache and policy it has. */
export class Bindings {
  private bound = new WeakMap<NamedClass, Map<CachedMethodDefinition, Binding>>();
  private revision = 0;
  private readonly namedAfter = new Map<string, Named>();

  private readonly policies: CachePolicies;

  constructor(private readonly runtime: CacheRuntime) {
    this.policies = runtime.policies;
  }

  /** @param type class of the instance, which may be a subclass of the one that is decorated */
  of(definition: CachedMethodDefinition, type: NamedClass): Binding {
    this.forgetOutdated();
    const ofType = this.bound.get(type) ?? new Map<CachedMethodDefinition, Binding>();
    this.bound.set(type, ofType);
    let binding = ofType.get(definition);
    if (!binding) ofType.set(definition, (binding = this.bind(definition, type)));
    return binding;
  }

  /** Notes the default name of a method that is overridden, which only `super` can reach. */
  reserve(definition: CachedMethodDefinition, type: NamedClass): void {
    const isNamed = definition.cache !== undefined || definition.kind === 'evict-tags';
    if (!isNamed && type.name !== '') this.defaultName(definition, type);
  }

  /** What one user says of a cache's scope or version holds for those bound before it, too. */
  private forgetOutdated(): void {
    if (this.revision === this.policies.revision) return;
    this.revision = this.policies.revision;
    this.bound = new WeakMap();
  }

  private bind(definition: CachedMethodDefinition, type: NamedClass): Binding {
    if (definition.kind === 'evict-tags') {
      return this.bindTo(definition.place, policyOfTags(definition));
    }
    const cache = definition.cache ?? this.defaultName(definition, type);
    const said = { place: definition.place, policy: policyOf(definition) };
    // An eviction follows its cache: it must not carry the scope of its class into a foreign one.
    const defaults = definition.kind === 'evict' ? undefined : classDefaultsOf(type);
    const ofClass = defaults && { place: `@CacheDefaults on ${type.name}`, policy: defaults };
    return this.bindTo(cache, this.policies.for(cache, said, ofClass));
  }

  private bindTo(cache: string, policy: ResolvedPolicy): Binding {
    return { cache, policy, scopes: this.runtime.scopesOf(cache, policy) };
  }

  /** The class of the instance names it, so that subclasses of one base do not share entries. */
  private defaultName(definition: CachedMethodDefinition, type: NamedClass): string {
    const name = `${type.name}${originOf(definition, type)}.${String(definition.property)}`;
    const { declaredIn } = definition;
    const known = this.namedAfter.get(name) ?? { type, declaredIn };
    if (type.name === '' || known.type !== type || known.declaredIn !== declaredIn) {
      throw new InvalidDecoratorError(
        definition.place,
        type.name === ''
          ? 'stands in a class without a name'
          : `shares the name ${name} with another class`,
        `Name the cache: @Cacheable('lead.byPhone').`,
      );
    }
    this.namedAfter.set(name, known);
    return name;
  }
}

/** Tags span caches: all that counts is whose they are. */
function policyOfTags({ place, options: { scope } }: TagEvictDefinition): ResolvedPolicy {
  return resolvePolicy([{ place, policy: { scope } }], false);
}

/** An overridden method, reached by `super`, answers otherwise than the one that overrides it. */
function originOf(definition: CachedMethodDefinition, { prototype }: NamedClass): string {
  const isOwn = definitionsOf(prototype[definition.property]).includes(definition);
  return isOwn ? '' : `:${definition.declaredBy}`;
}

function policyOf({ options }: CachedMethodDefinition): CachePolicy {
  const policy = Object.entries(options).filter(
    ([name, value]) => !isMethodOption(name) && !(name === 'ttl' && typeof value === 'function'),
  );
  return Object.fromEntries(policy);
}
