/** Neighbours of a node in one queue. */
export interface SieveLinks<N> {
  newer: N | undefined;
  older: N | undefined;
}

/** A member of one or more queues; each queue uses its own lane of `links`. */
export interface SieveNode<N> {
  visited: boolean;
  readonly links: readonly SieveLinks<N>[];
}

/**
 * Eviction order by SIEVE: a queue in order of arrival and a hand that moves from old to new,
 * sparing each node that was visited since it last came by.
 *
 * A hit only sets a flag and moves nothing, which makes hits cheaper than with LRU; on skewed
 * traffic it also keeps more of what is asked again. The visited flag is shared by all queues a
 * node is in.
 *
 * @see Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024
 */
export class SieveQueue<N extends SieveNode<N>> {
  private newest: N | undefined;
  private oldest: N | undefined;
  private hand: N | undefined;

  /** @param lane index into `links` of the nodes */
  constructor(private readonly lane: number) {}

  push(node: N): void {
    const links = this.linksOf(node);
    links.older = this.newest;
    links.newer = undefined;
    if (this.newest) this.linksOf(this.newest).newer = node;
    else this.oldest = node;
    this.newest = node;
  }

  remove(node: N): void {
    const { newer, older } = this.linksOf(node);
    if (newer) this.linksOf(newer).older = older;
    else this.newest = older;
    if (older) this.linksOf(older).newer = newer;
    else this.oldest = newer;
    if (this.hand === node) this.hand = newer;
  }

  /** The next node to evict; it stays in the queue until it is removed. */
  victim(): N | undefined {
    let node = this.hand ?? this.oldest;
    while (node?.visited) {
      node.visited = false;
      node = this.linksOf(node).newer ?? this.oldest;
    }
    this.hand = node;
    return node;
  }

  private linksOf(node: N): SieveLinks<N> {
    return node.links[this.lane] as SieveLinks<N>;
  }
}
