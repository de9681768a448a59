/** What a command is going to answer. It need not be a promise itself: what waits for it is one. */
export interface Reply<T> extends PromiseLike<T> {
  then<R = T, E = never>(
    onAnswer?: ((answer: T) => R | PromiseLike<R>) | null,
    onFailed?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E>;
}
