import { Flight } from './flight.js';

/** A flight that replaces an entry which is still served. */
export class RefreshFlight extends Flight {
  /** Resolves when its load is given up: it ran past its time, or the cache closes. */
  readonly givenUp: Promise<undefined>;
  private giveUp!: (nothing: undefined) => void;

  constructor(...args: ConstructorParameters<typeof Flight>) {
    super(...args);
    this.givenUp = new Promise((resolve) => (this.giveUp = resolve));
  }

  override abort(reason: unknown): void {
    super.abort(reason);
    this.giveUp(undefined);
  }
}
