/** Names of the fields in which a node has its neighbours of one queue. */
export interface SieveLane<N> {
  readonly newer: LinkOf<N>;
  readonly older: LinkOf<N>;
}

/** Fields that can hold a neighbour. */
type LinkOf<N> = { [K in keyof N]-?: N | undefined extends N[K] ? K : never }[keyof N];

/** A member of one or more queues, each of which has two fields of it for its neighbours. */
export interface SieveNode {
  visited: boolean;
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
export class SieveQueue<N extends SieveNode> {
  private newest: N | undefined;
  private oldest: N | undefined;
  private hand: N | undefined;

  private readonly newerField: LinkOf<N>;
  private readonly olderField: LinkOf<N>;

  constructor({ newer, older }: SieveLane<N>) {
    this.newerField = newer;
    this.olderField = older;
  }

  push(node: N): void {
    this.link(this.newest, node);
    this.setNewer(node, undefined);
    this.newest = node;
    this.oldest ??= node;
  }

  remove(node: N): void {
    const newer = this.newer(node);
    const older = this.older(node);
    if (newer) this.setOlder(newer, older);
    else this.newest = older;
    if (older) this.setNewer(older, newer);
    else this.oldest = newer;
    if (this.hand === node) this.hand = newer;
  }

  /** The next node to evict; it stays in the queue until it is removed. */
  victim(): N | undefined {
    let node = this.hand ?? this.oldest;
    while (node?.visited) {
      node.visited = false;
      node = this.newer(node) ?? this.oldest;
    }
    this.hand = node;
    return node;
  }

  private link(older: N | undefined, newer: N): void {
    if (older) this.setNewer(older, newer);
    this.setOlder(newer, older);
  }

  private newer(node: N): N | undefined {
    return node[this.newerField] as N | undefined;
  }

  private older(node: N): N | undefined {
    return node[this.olderField] as N | undefined;
  }

  private setNewer(node: N, newer: N | undefined): void {
    node[this.newerField] = newer as N[LinkOf<N>];
  }

  private setOlder(node: N, older: N | undefined): void {
    node[this.olderField] = older as N[LinkOf<N>];
  }
}
