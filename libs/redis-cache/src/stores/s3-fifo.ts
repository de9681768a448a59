import { FifoQueue, type QueueLane } from './fifo-queue.js';

/** A member of one or more orders, each of which has two fields of it for its neighbours. */
export interface S3FifoNode {
  /** How often it was asked for, up to {@link MAX_USES}; shared by all orders it is in. */
  uses: number;
  /** Whether it is in the main queue, of all orders it is in, or still in the small one. */
  isMain: boolean;
  readonly bytes: number;
}

/** More uses than these say nothing more, and would take longer to be forgotten. */
export const MAX_USES = 3;

/** The small queue has this part of all bytes. */
const SMALL_SHARE = 0.1;

/**
 * Eviction order by S3-FIFO: who comes is on trial in a small queue and evicted from there soon, if
 * nobody asks for it; who was asked for goes on to the main queue, and there gets another round for
 * each use. So what is asked for once, as by a scan, takes no room from what is asked for again; and
 * since a hit only counts and moves nothing, it costs less than with LRU.
 *
 * What was evicted from trial, or was in use when it was deleted, is to be pushed right into the main
 * queue when it comes again: see {@link EvictedKeys}.
 *
 * Other than in the paper, one use is enough to go on, and a part is one of bytes. Both was measured,
 * see docs/decisions/0016-s3-fifo.md.
 *
 * @see Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023
 */
export class S3Fifo<N extends S3FifoNode> {
  private readonly small: FifoQueue<N>;
  private readonly main: FifoQueue<N>;
  private smallBytes = 0;
  private mainBytes = 0;

  constructor(lane: QueueLane<N>) {
    this.small = new FifoQueue(lane);
    this.main = new FifoQueue(lane);
  }

  push(node: N): void {
    if (node.isMain) {
      this.main.push(node);
      this.mainBytes += node.bytes;
    } else {
      this.small.push(node);
      this.smallBytes += node.bytes;
    }
  }

  remove(node: N): void {
    if (node.isMain) {
      this.main.remove(node);
      this.mainBytes -= node.bytes;
    } else {
      this.small.remove(node);
      this.smallBytes -= node.bytes;
    }
  }

  /** Notes that a node has become larger by so much, or smaller. */
  resize(node: N, grownBytes: number): void {
    if (node.isMain) this.mainBytes += grownBytes;
    else this.smallBytes += grownBytes;
  }

  /**
   * The next node to evict; it stays until it is removed.
   *
   * @param promote moves a node of the small queue to the main one, in all orders it is in
   */
  victim(promote: (node: N) => void): N | undefined {
    for (;;) {
      const onTrial = this.isSmallFull ? this.small.oldest : undefined;
      const node = onTrial ?? this.main.oldest;
      if (!node || node.uses === 0) return node;
      if (onTrial) {
        promote(node);
      } else {
        node.uses -= 1;
        this.main.remove(node);
        this.main.push(node);
      }
    }
  }

  private get isSmallFull(): boolean {
    const { smallBytes, mainBytes } = this;
    return mainBytes === 0 || smallBytes > SMALL_SHARE * (smallBytes + mainBytes);
  }
}
