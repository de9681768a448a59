import type { Bus } from './bus.js';
import type { Listening } from './listener.js';
import type { Tracking } from './tracking.js';

/** Listens by the server's tracking for as long as it is supported, and by the bus from then on. */
export class TrackingOrBus implements Listening {
  private current: Bus;
  private started = false;
  private closed = false;
  private givenUp: Promise<void> = Promise.resolve();

  /** @param tracking is given what to call when tracking is not supported */
  constructor(
    tracking: (giveUp: (error: unknown) => void) => Tracking,
    private readonly bus: Bus,
    private readonly onFallback: (error: unknown) => void,
  ) {
    this.current = tracking((error) => {
      this.fallBack(error);
    });
  }

  get trusted(): boolean {
    return this.current.trusted;
  }

  get hearsOthers(): boolean {
    return this.current.hearsOthers;
  }

  get delayMs(): number | undefined {
    return this.current.delayMs;
  }

  upToDate(): Promise<boolean> {
    return this.current.upToDate();
  }

  start(): void {
    this.started = true;
    this.current.start();
  }

  distrust(): void {
    this.current.distrust();
  }

  async proveWhenConnected(): Promise<boolean> {
    const asked = this.current;
    const heard = await asked.proveWhenConnected();
    return asked === this.current ? heard : this.current.proveWhenConnected();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.current.close(), this.givenUp]);
  }

  private fallBack(error: unknown): void {
    if (this.current === this.bus || this.closed) return;
    const tracking = this.current;
    this.current = this.bus;
    this.givenUp = tracking.close();
    if (this.started) this.bus.start();
    this.onFallback(error);
  }
}
