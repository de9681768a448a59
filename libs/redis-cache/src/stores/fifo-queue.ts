/**
 * Where nodes have their neighbours of one queue: in two fields of their own. As code, and not as the names of
 * fields: V8 looks for a field whose name it is given in a slower way.
 */
export interface QueueLane<N> {
  readonly newerOf: (node: N) => N | undefined;
  readonly olderOf: (node: N) => N | undefined;
  readonly setNewer: (node: N, newer: N | undefined) => void;
  readonly setOlder: (node: N, older: N | undefined) => void;
}

/** A node that is in one queue at a time. */
export interface Linked {
  newer: object | undefined;
  older: object | undefined;
}

const LINKS: QueueLane<Linked> = {
  newerOf: (node) => node.newer as Linked | undefined,
  olderOf: (node) => node.older as Linked | undefined,
  setNewer: (node, newer) => {
    node.newer = newer;
  },
  setOlder: (node, older) => {
    node.older = older;
  },
};

/** The lane of nodes by their fields `newer` and `older`. */
export function links<N extends Linked>(): QueueLane<N> {
  return LINKS as unknown as QueueLane<N>;
}

/**
 * Nodes in order of arrival, linked by two fields of their own: nothing is made when one comes, and one
 * can go from anywhere at once. A node is in one queue of a lane at most.
 */
export class FifoQueue<N extends object> {
  private newestNode: N | undefined;
  private oldestNode: N | undefined;

  constructor(private readonly lane: QueueLane<N>) {}

  get oldest(): N | undefined {
    return this.oldestNode;
  }

  push(node: N): void {
    const { lane, newestNode: older } = this;
    if (older) lane.setNewer(older, node);
    lane.setOlder(node, older);
    lane.setNewer(node, undefined);
    this.newestNode = node;
    this.oldestNode ??= node;
  }

  remove(node: N): void {
    const { lane } = this;
    const newer = lane.newerOf(node);
    const older = lane.olderOf(node);
    if (newer) lane.setOlder(newer, older);
    else this.newestNode = older;
    if (older) lane.setNewer(older, newer);
    else this.oldestNode = newer;
    // Once a node that is gone has come into the old generation, it would keep alive whatever came after it,
    // gone as well or not, until a full collection.
    lane.setNewer(node, undefined);
    lane.setOlder(node, undefined);
  }
}
