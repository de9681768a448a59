import { Flight } from './flight.js';

/** A flight that replaces an entry which is still served. */
export class RefreshFlight extends Flight {
  /** Resolves when its load is given up: it ran past its time, or the cache closes. */
  readonly givenUp: Promise<undefined>;
  private giveUp!: (nothing: undefined) => void;
  private isEvicted = false;

  constructor(...args: ConstructorParameters<typeof Flight>) {
    super(...args);
    this.givenUp = new Promise((resolve) => (this.giveUp = resolve));
  }

  /** Whether its entry was evicted since it began. */
  get evicted(): boolean {
    return this.isEvicted;
  }

  override invalidate(): void {
    super.invalidate();
    this.isEvicted = true;
  }

  override overtake(): void {
    super.overtake();
    this.isEvicted = true;
  }

  override abort(reason: unknown): void {
    const { isEvicted } = this;
    super.abort(reason);
    this.isEvicted = isEvicted;
    this.giveUp(undefined);
  }
}
