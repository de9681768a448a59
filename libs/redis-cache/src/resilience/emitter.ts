/** Told of a listener that threw, or whose promise was rejected. */
export type ListenerErrorHandler = (event: string, error: unknown) => void;

type Listener = (payload: never) => unknown;

/**
 * Events whose names and payloads are known to the compiler. A listener that throws disturbs neither
 * the other listeners nor the code that emits.
 */
export class TypedEmitter<Events extends object> {
  // Never changed but replaced, so that listeners may come and go while they are called.
  readonly #listeners = new Map<keyof Events, readonly Listener[]>();
  readonly #onListenerError: ListenerErrorHandler;

  constructor(onListenerError: ListenerErrorHandler) {
    this.#onListenerError = onListenerError;
  }

  /**
   * Calls `listener` at every `event`. A listener is kept once per event, however often it is added.
   *
   * @returns removes it
   */
  on<E extends keyof Events & string>(
    event: E,
    listener: (payload: Events[E]) => unknown,
  ): () => void {
    const listeners = this.#of(event);
    if (!listeners.includes(listener)) this.#listeners.set(event, [...listeners, listener]);
    return () => {
      this.#listeners.set(
        event,
        this.#of(event).filter((other) => other !== listener),
      );
    };
  }

  /** Calls the listeners that are there now, in the order they came. */
  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        const outcome = (listener as (payload: Events[E]) => unknown)(payload);
        if (outcome instanceof Promise) this.#watch(event, outcome);
      } catch (error) {
        this.#onListenerError(event, error);
      }
    }
  }

  /** For callers that make an expensive payload only if somebody listens. */
  hasListeners(event: keyof Events & string): boolean {
    return this.#of(event).length > 0;
  }

  #of(event: keyof Events): readonly Listener[] {
    return this.#listeners.get(event) ?? [];
  }

  #watch(event: string, outcome: Promise<unknown>): void {
    outcome.catch((error: unknown) => this.#onListenerError(event, error));
  }
}
