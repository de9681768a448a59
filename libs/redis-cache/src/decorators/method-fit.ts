import type { Observable } from 'rxjs';

/** A method that can be cached: its result is awaited, or subscribed to; which, is known beforehand. */
export type CacheableMethod =
  ((...args: never[]) => Promise<unknown>) | ((...args: never[]) => Observable<unknown>);

/** What a method's Promise or Observable yields. */
export type ResultOf<M> = M extends (...args: never[]) => infer R
  ? R extends Promise<infer V> | Observable<infer V>
    ? V
    : never
  : never;

/** Options that are called with the method's arguments. */
type ArgumentsOption = 'key' | 'condition' | 'tenant' | 'tags';

/** Options that are called with the result, then the arguments. */
type ResultOption = 'unless' | 'ttl' | 'resultKey' | 'resultTags';

type AnyFunction = (...args: never[]) => unknown;

/** Names of the options whose function does not take what the method would give it. */
type Misfit<O, M extends CacheableMethod> = {
  [F in keyof O & string]: O[F] extends AnyFunction
    ? F extends ArgumentsOption
      ? O[F] extends (...args: Parameters<M>) => unknown
        ? never
        : F
      : F extends ResultOption
        ? O[F] extends (result: ResultOf<M>, ...args: Parameters<M>) => unknown
          ? never
          : F
        : never
    : never;
}[keyof O & string];

/** `unknown` when every function of the options fits the method; else nothing can be assigned to it. */
export type Fits<O, M extends CacheableMethod> = [Misfit<O, M>] extends [never]
  ? unknown
  : { readonly doesNotFit: `${Misfit<O, M>} does not take the arguments or result of this method` };

/**
 * Refuses options that the decorator does not know, such as a misspelled one. Where there are none it
 * adds nothing: beside an empty object the compiler would take a number or a text for the options.
 */
export type OnlyKnown<O, Known> = O &
  ([Exclude<keyof O, keyof Known>] extends [never]
    ? unknown
    : Record<Exclude<keyof O, keyof Known>, never>);

/** What a decorator without options has said. */
export interface NoOptions {
  readonly key?: undefined;
}

/** A decorator for methods whose arguments and result fit the options. */
export type FittingMethodDecorator<O> = <M extends CacheableMethod>(
  target: object,
  propertyKey: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & Fits<O, M>,
) => void;
