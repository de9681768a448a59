/** Names of the fields in which a node has its neighbours of one queue. */
export interface QueueLane<N> {
  readonly newer: LinkOf<N>;
  readonly older: LinkOf<N>;
}

/** Fields that can hold a neighbour. */
type LinkOf<N> = { [K in keyof N]-?: N | undefined extends N[K] ? K : never }[keyof N];

/**
 * Nodes in order of arrival, linked by two fields of their own: nothing is made when one comes, and one
 * can go from anywhere at once. A node is in one queue of a lane at most.
 */
export class FifoQueue<N extends object> {
  private newestNode: N | undefined;
  private oldestNode: N | undefined;

  private readonly newerField: LinkOf<N>;
  private readonly olderField: LinkOf<N>;

  constructor({ newer, older }: QueueLane<N>) {
    this.newerField = newer;
    this.olderField = older;
  }

  get oldest(): N | undefined {
    return this.oldestNode;
  }

  push(node: N): void {
    const older = this.newestNode;
    if (older) this.setNewer(older, node);
    this.setOlder(node, older);
    this.setNewer(node, undefined);
    this.newestNode = node;
    this.oldestNode ??= node;
  }

  remove(node: N): void {
    const newer = node[this.newerField] as N | undefined;
    const older = node[this.olderField] as N | undefined;
    if (newer) this.setOlder(newer, older);
    else this.newestNode = older;
    if (older) this.setNewer(older, newer);
    else this.oldestNode = newer;
    // Once a node that is gone has come into the old generation, it would keep alive whatever came after it,
    // gone as well or not, until a full collection.
    this.setNewer(node, undefined);
    this.setOlder(node, undefined);
  }

  private setNewer(node: N, newer: N | undefined): void {
    node[this.newerField] = newer as N[LinkOf<N>];
  }

  private setOlder(node: N, older: N | undefined): void {
    node[this.olderField] = older as N[LinkOf<N>];
  }
}
