import type { BusMessage } from '../../libs/redis-cache/src/invalidation/bus-message.js';

/** Stands for what is told by messages on several keys. */
export const ANY_MESSAGE = '*';

interface Late {
  readonly key: string;
  readonly arrive: () => void;
}

/** What one process is told, as late and in the order that the model says. */
export class LateBus {
  private readonly waiting: Late[] = [];
  private silent = false;

  get isSilent(): boolean {
    return this.silent;
  }

  send(message: BusMessage, arrive: () => void): void {
    if (!this.silent) this.waiting.push({ key: keyOf(message), arrive });
  }

  /**
   * One of those that wait arrives. What is said of one key comes in order, for it comes from the one
   * node of a cluster that has the key.
   *
   * @param twice whether it will arrive once more
   */
  deliver(which: number, twice = false): void {
    const chosen = this.waiting[which % this.waiting.length];
    if (!chosen) return;
    const first = this.waiting.findIndex(({ key }) => key === chosen.key);
    this.waiting[first]?.arrive();
    if (!twice) this.waiting.splice(first, 1);
  }

  isWaiting(key: string): boolean {
    return key === ANY_MESSAGE
      ? this.waiting.length > 0
      : this.waiting.some((late) => late.key === key);
  }

  deliverAll(): void {
    while (this.waiting.length > 0) this.deliver(0);
  }

  /** Whatever waits is lost, and all that is sent from now on. */
  silence(): void {
    this.waiting.length = 0;
    this.silent = true;
  }

  /** A new connection, which has none of what was sent before. */
  renew(): void {
    this.waiting.length = 0;
    this.silent = false;
  }
}

function keyOf(message: BusMessage): string {
  return message.kind === 'pattern' ? message.pattern.name : message.key;
}
