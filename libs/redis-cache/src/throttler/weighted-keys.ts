import { FifoQueue, links } from '../stores/fifo-queue.js';

class KeyNode<V> {
  wasUsed = false;
  weight = 0;
  newer: KeyNode<V> | undefined;
  older: KeyNode<V> | undefined;

  constructor(
    readonly key: string,
    readonly value: V,
  ) {}
}

/**
 * Values by key with what they weigh together, in an order of eviction. A value that is in use stays
 * where it is: a `Map` that it was taken out of and put into again, as for LRU, would keep the gaps,
 * and look through them.
 */
export class WeightedKeys<V extends { readonly weight: number }> {
  private readonly nodes = new Map<string, KeyNode<V>>();
  private readonly queue = new FifoQueue<KeyNode<V>>(links());
  private total = 0;

  get weight(): number {
    return this.total;
  }

  get size(): number {
    return this.nodes.size;
  }

  get(key: string): V | undefined {
    return this.nodes.get(key)?.value;
  }

  /** Weighs it anew, and counts as a use where it is there already. */
  put(key: string, value: V): void {
    let node = this.nodes.get(key);
    if (node) {
      node.wasUsed = true;
    } else {
      node = new KeyNode(key, value);
      this.nodes.set(key, node);
      this.queue.push(node);
    }
    this.total += value.weight - node.weight;
    node.weight = value.weight;
  }

  delete(key: string): void {
    const node = this.nodes.get(key);
    if (node) this.remove(node);
  }

  /** Deletes the oldest that was not used; one that was gets another round. */
  dropOne(): void {
    let { oldest } = this.queue;
    while (oldest?.wasUsed) {
      oldest.wasUsed = false;
      this.queue.remove(oldest);
      this.queue.push(oldest);
      ({ oldest } = this.queue);
    }
    if (oldest) this.remove(oldest);
  }

  *entries(): IterableIterator<[string, V]> {
    for (const [key, { value }] of this.nodes) yield [key, value];
  }

  private remove(node: KeyNode<V>): void {
    this.nodes.delete(node.key);
    this.queue.remove(node);
    this.total -= node.weight;
  }
}
