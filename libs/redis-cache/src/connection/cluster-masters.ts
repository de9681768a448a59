import { FarUnavailableError } from '../errors/far-tier.error.js';
import { clusterLayout } from './cluster-layout.js';
import { addressOf, refreshSlots } from './cluster-slots.js';
import { failureReason } from './failure-kind.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisClientLike } from './redis-client.interface.js';

const ADDED = '+node';

/** The masters of a Cluster, as its client knows them. */
export class ClusterMasters {
  private known: string | undefined;

  constructor(private readonly connection: Pick<RedisConnection, 'client' | 'update'>) {}

  addresses(): string[] {
    return this.nodes().map(({ options }) => addressOf(options));
  }

  at(address: string): RedisClientLike | undefined {
    return this.nodes().find(({ options }) => addressOf(options) === address);
  }

  /**
   * Which of them serves which slots, as a text that changes with it. Where it has changed, the client
   * learns anew who serves what.
   *
   * @throws {FarUnavailableError} Redis is away, slots are being moved, or not all masters are known
   */
  async layout(): Promise<string> {
    const layout = await this.ask();
    if (layout !== undefined && layout === this.known) return layout;
    await refreshSlots(this.connection.client).catch((error: unknown) => {
      throw new FarUnavailableError(failureReason(error));
    });
    this.known = await this.ask();
    if (this.known !== undefined) return this.known;
    throw new FarUnavailableError('It is not known which masters serve all slots of the cluster');
  }

  /** Calls when another node becomes known, before it is used. @returns no longer */
  onAdded(listener: () => void): () => void {
    const { client } = this.connection;
    client.on(ADDED, listener);
    return () => client.off(ADDED, listener);
  }

  private async ask(): Promise<string | undefined> {
    const nodes = this.nodes();
    const told = await Promise.all(
      nodes.map((node) => this.connection.update(() => node.cluster('NODES'))),
    );
    try {
      return [clusterLayout(told), ...nodes.map(({ options }) => addressOf(options)).sort()].join();
    } catch (error) {
      // That slots are moving, or that there are further masters, is no outage.
      if (error instanceof FarUnavailableError) return undefined;
      throw error;
    }
  }

  private nodes(): RedisClientLike[] {
    return this.connection.client.nodes?.('master') ?? [];
  }
}
