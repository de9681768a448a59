import type { CacheEvents } from '../cache/cache-events.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { TypedEmitter } from '../resilience/emitter.js';

/** Waits for what becomes of the connection to Redis. */
export class ConnectionWait {
  /**
   * @param state undefined where no Redis is configured: then there is nothing to wait for. Where it is only
   *   told of evictions there is, as what is in memory before it is there lives for a short time, and is
   *   forgotten then
   */
  constructor(
    private readonly events: TypedEmitter<CacheEvents>,
    private readonly state: () => ConnectionState | undefined,
  ) {}

  /** Resolves when Redis can be used, or was closed. */
  ready(): Promise<void> {
    return this.until((kind) => kind === 'ready' || kind === 'closed');
  }

  /** Resolves when it is known whether Redis can be used. */
  judged(): Promise<void> {
    return this.until((kind) => kind !== 'connecting' && kind !== 'recovering');
  }

  /** Resolves when Redis cannot be used; never where it always can, or none is configured. */
  away(): Promise<void> {
    return this.state() === undefined
      ? new Promise(() => undefined)
      : this.until((kind) => kind === 'suspended' || kind === 'closed');
  }

  private until(wanted: (kind: ConnectionState['kind']) => boolean): Promise<void> {
    const now = this.state()?.kind;
    if (now === undefined || wanted(now)) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.events.on('state', ({ to }) => {
        if (!wanted(to.kind)) return;
        stop();
        resolve();
      });
    });
  }
}
