import type { RedisClientLike } from '../connection/redis-client.interface.js';

/**
 * Whether one command may name keys of several slots. Not to a Cluster; nor to a service that is sharded
 * behind a single address, which nobody can tell until it has refused such a command.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ implemented subset
 */
export class SlotRule {
  private refused = false;

  constructor(private readonly client: Pick<RedisClientLike, 'isCluster'>) {}

  /** Whether every key, with those that share its slot, needs a command of its own. */
  get keysApart(): boolean {
    return this.client.isCluster || this.refused;
  }

  /** Whether a command failed for its keys' slots, so that nothing was done. Minds it from then on. */
  isWhy(error: unknown): boolean {
    const is = error instanceof Error && error.message.startsWith('CROSSSLOT');
    this.refused ||= is;
    return is;
  }
}
