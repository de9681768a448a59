/**
 * A piece of warming: a call of a cached method, as a rule. One with a `tenant` runs for it, one
 * without for none.
 */
export type WarmStep = (() => unknown) | { readonly tenant: string; readonly run: () => unknown };

/** What a warmer is told, and can tell. */
export interface WarmContext {
  /** Aborted when the application closes, or another process may have taken over: end early then. */
  readonly signal: AbortSignal;
  /** Says how many steps there are in all, for those who show progress. An array says it by itself. */
  readonly expect: (total: number) => void;
}

/** What a class marked by `@CacheWarmer()` has to offer. */
export interface CacheWarmup {
  /**
   * Gives the steps, best one by one as a generator: the next is asked for when there is room for it.
   * Or does all of it itself, as one step. A step that fails is counted and told of, and the others
   * go on. It runs in no request and no transaction, and for no tenant.
   *
   * @example
   * async *warm({ expect }: WarmContext) {
   *   const numbers = await this.organizations.numbers();
   *   expect(numbers.length);
   *   for (const number of numbers) yield () => this.organizations.findByPhone(number);
   * }
   */
  warm(
    context: WarmContext,
  ):
    | Iterable<WarmStep>
    | AsyncIterable<WarmStep>
    | Promise<Iterable<WarmStep> | AsyncIterable<WarmStep>>
    | Promise<void>;
}
