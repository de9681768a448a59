import { isObservable, lastValueFrom } from 'rxjs';
import { NOTHING } from '../cache/nothing.js';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { encodeArguments, encodeKey, type CacheKey } from '../keys/arguments.js';
import { assertTags } from '../keys/names.js';
import { assertTenant } from '../tenancy/tenant-context.js';
import type { Binding } from './cached-method.binding.js';
import type { CachedMethodDefinition } from './cached-method.definition.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Nullish<T> = T | null | undefined;
type OfArguments<R> = ((...args: unknown[]) => R) | undefined;
type OfResult<R> = ((result: unknown, ...args: unknown[]) => R) | undefined;

/** One call of a decorated method, with the options' functions applied to its arguments. */
export class MethodCall<D extends CachedMethodDefinition = CachedMethodDefinition> {
  constructor(
    readonly definition: D,
    readonly binding: Binding,
    private readonly instance: object,
    private readonly args: unknown[],
    private readonly original: Method,
  ) {}

  /** Runs the method itself, to its Promise's value or its Observable's last. */
  async invoke(): Promise<unknown> {
    const { result, place } = this.definition;
    const returned = this.original.apply(this.instance, this.args);
    if (result === 'observable' && isObservable(returned)) {
      return lastValueFrom(returned, { defaultValue: NOTHING });
    }
    if (isObservable(returned)) {
      throw new InvalidDecoratorError(
        place,
        'returns an Observable that its declared return type does not show',
        'Declare the return type as Observable<…>, imported as a value and not by `import type`, ' +
          'and compile with emitDecoratorMetadata.',
      );
    }
    return returned;
  }

  /** The key by `key`, or of all arguments. */
  key(): string {
    const { options } = this.definition;
    const key = ('key' in options ? options.key : undefined) as OfArguments<CacheKey>;
    return key ? encodeKey(key(...this.args)) : encodeArguments(this.args);
  }

  /** The key by `resultKey`, where the options have one. */
  resultKey(result: unknown): string {
    const { options } = this.definition;
    const resultKey = (
      'resultKey' in options ? options.resultKey : undefined
    ) as OfResult<CacheKey>;
    return resultKey ? encodeKey(resultKey(result, ...this.args)) : this.key();
  }

  /**
   * Tags known from the arguments; undefined, which no compiler lets pass, names none to store.
   *
   * @throws {InvalidCacheKeyError} what the option gives is no list of tags, or nothing to evict
   */
  tags(): readonly string[] {
    const { options, kind } = this.definition;
    const tags = 'tags' in options ? options.tags : undefined;
    if (typeof tags !== 'function') return tags ?? [];
    const named = (tags as (...args: unknown[]) => Nullish<readonly string[]>)(...this.args);
    return assertTags(kind === 'evict-tags' ? named : (named ?? []));
  }

  /** Tags that the result names; undefined, which no compiler lets pass, names none. */
  resultTags(result: unknown): readonly string[] {
    const { options } = this.definition;
    const resultTags = 'resultTags' in options ? options.resultTags : undefined;
    const named: Nullish<readonly string[]> = resultTags && this.withResult(resultTags, result);
    return named ?? [];
  }

  /** @throws {InvalidCacheKeyError} the option gives none: another tenant's entry would be at stake */
  tenant(): string | undefined {
    const tenant = this.definition.options.tenant as OfArguments<unknown>;
    return tenant && assertTenant(tenant(...this.args));
  }

  /** Like `unless` it goes by what is truthy: what is undefined has not said yes. */
  condition(): boolean {
    const condition = this.definition.options.condition as OfArguments<unknown>;
    return condition === undefined || Boolean(condition(...this.args));
  }

  /** Whether the result is to be kept from being stored, or the entry from being evicted. */
  unless(result: unknown): boolean {
    if (result === NOTHING) return true;
    return (this.definition.options.unless as OfResult<boolean>)?.(result, ...this.args) ?? false;
  }

  /** Calls an option that is a function of the result and the arguments. */
  withResult<R>(option: (result: never, ...args: never[]) => R, result: unknown): R {
    return (option as (result: unknown, ...args: unknown[]) => R)(result, ...this.args);
  }
}
