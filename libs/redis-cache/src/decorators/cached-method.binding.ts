import type { CachePolicies } from '../cache/cache-policies.js';
import type { CachePolicy } from '../config/cache-policy.js';
import type { ResolvedPolicy } from '../config/resolve-policy.js';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { classDefaultsOf } from './cache-defaults.decorator.js';
import type { CachedMethodDefinition, CachedMethodOptions } from './cached-method.definition.js';

/** What a decorator comes to for one class of one application. */
export interface Binding {
  readonly cache: string;
  readonly policy: ResolvedPolicy;
}

/** Options that are not part of a cache's policy. */
const METHOD_OPTIONS: ReadonlySet<string> = new Set<string>([
  'key',
  'resultKey',
  'condition',
  'unless',
  'tenant',
  'beforeInvocation',
] satisfies (keyof CachedMethodOptions | 'resultKey' | 'unless' | 'beforeInvocation')[]);

/** Decides once, for each decorator and class, which cache and policy it has. */
export class Bindings {
  private readonly bound = new WeakMap<object, Map<CachedMethodDefinition, Binding>>();
  private readonly namedAfter = new Map<string, object>();

  constructor(private readonly policies: CachePolicies) {}

  /** @param type class of the instance, which may be a subclass of the one that is decorated */
  of(definition: CachedMethodDefinition, type: object & { name: string }): Binding {
    const ofType = this.bound.get(type) ?? new Map<CachedMethodDefinition, Binding>();
    this.bound.set(type, ofType);
    let binding = ofType.get(definition);
    if (!binding) ofType.set(definition, (binding = this.bind(definition, type)));
    return binding;
  }

  private bind(definition: CachedMethodDefinition, type: object & { name: string }): Binding {
    const cache = definition.cache ?? this.defaultName(definition, type);
    const said = { place: definition.place, policy: policyOf(definition) };
    const defaults = classDefaultsOf(type);
    const ofClass = defaults && { place: `@CacheDefaults on ${type.name}`, policy: defaults };
    return { cache, policy: this.policies.for(cache, said, ofClass) };
  }

  /** The class of the instance names it, so that subclasses of one base do not share entries. */
  private defaultName(
    { method, place }: CachedMethodDefinition,
    type: object & { name: string },
  ): string {
    const name = `${type.name}.${method}`;
    const other = this.namedAfter.get(name) ?? type;
    if (type.name === '' || other !== type) {
      throw new InvalidDecoratorError(
        place,
        type.name === '' ? 'stands in a class without a name' : `shares the name ${name} with another class`,
        `Name the cache: @Cacheable('lead.byPhone').`,
      );
    }
    this.namedAfter.set(name, type);
    return name;
  }
}

function policyOf({ options }: CachedMethodDefinition): CachePolicy {
  const policy = Object.entries(options).filter(
    ([name, value]) =>
      !METHOD_OPTIONS.has(name) && !(name === 'ttl' && typeof value === 'function'),
  );
  return Object.fromEntries(policy);
}
