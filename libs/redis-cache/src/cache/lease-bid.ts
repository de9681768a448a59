/**
 * A request for a lease. One that is not answered in time is given up, and yet the lease may be given: at once,
 * or much later, as a client sends a command anew whose slot has moved or whose script is not known.
 */
export class LeaseBid {
  private given = false;
  private givenUp = false;

  /** @param onGivenLate what is to be done when the lease is given after it was given up */
  constructor(private readonly onGivenLate: () => void) {}

  /** See {@link ClaimRequest.onGiven}. */
  readonly onGiven = (): void => {
    this.given = true;
    if (this.givenUp) this.onGivenLate();
  };

  /**
   * Nobody waits for the lease any more.
   *
   * @param isRefused Redis has answered by an error
   * @returns whether it may be given all the same, or has been given
   */
  giveUp(isRefused = false): boolean {
    this.givenUp = true;
    return this.given || !isRefused;
  }
}
