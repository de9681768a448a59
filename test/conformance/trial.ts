import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { NodeOptions, PeerCache, PeerNode } from '../../bench/peer-cache.js';
import { newDataFolder } from '../support/data-folder.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { RedisServerProcess } from '../support/redis/redis-server.js';
import { bounded, boundedNode } from './bounded.js';
import { RedisAdmin } from './redis-admin.js';
import { Unsupported } from './verdict.js';

const CLOSE_WITHIN_MS = 3_000;
const DEFAULTS = { ttlSeconds: 60, waitMs: 10_000, lockMs: 5_000 };

/** One try of a case: the nodes and servers of its own, and their end. */
export class Trial {
  /** Of this trial alone, so that trials share a server and do not meet. */
  readonly prefix = `conformance-${randomUUID().slice(0, 8)}`;
  private readonly endings: (() => unknown)[] = [];

  constructor(
    private readonly peer: PeerCache,
    private readonly sharedUrl: string,
  ) {}

  /** A node of the library; all nodes of one trial and server share entries. */
  async node(options: Partial<NodeOptions> = {}, url = this.sharedUrl): Promise<PeerNode> {
    const made = this.peer.create(url, { prefix: this.prefix, ...DEFAULTS, ...options });
    const node = await bounded('create', made);
    this.endings.push(() => node.close());
    return boundedNode(node);
  }

  /** Two nodes: two processes of an application. */
  async pair(
    options: Partial<NodeOptions> = {},
    url = this.sharedUrl,
  ): Promise<[PeerNode, PeerNode]> {
    return [await this.node(options, url), await this.node(options, url)];
  }

  /** An operation that not every library has. */
  needs<T>(operation: T | undefined, missing: string): T {
    if (operation === undefined) throw new Unsupported(missing);
    return operation;
  }

  /** A server of this trial's own, to be broken. It keeps its data over a restart. */
  async server(): Promise<RedisServerProcess> {
    const appendonlyDir = await newDataFolder('conformance');
    this.endings.push(() => rm(appendonlyDir, { recursive: true, force: true }));
    const server = await RedisServerProcess.start({ appendonlyDir });
    this.endings.push(() => server.kill());
    return server;
  }

  /** Three masters of this trial's own, for a library that takes a client of a cluster. */
  async cluster(): Promise<Pick<NodeOptions, 'cluster'>> {
    if (!this.peer.clusters) throw new Unsupported('it takes no client of a cluster');
    const processes = await RedisClusterProcesses.start();
    this.endings.push(() => processes.stop());
    return { cluster: processes.nodes };
  }

  /** An operator of that server. */
  admin(url: string): RedisAdmin {
    const admin = new RedisAdmin(url);
    this.endings.push(() => {
      admin.close();
    });
    return admin;
  }

  /** Closes all, the latest first. A node that cannot be closed must not keep the others open. */
  async end(): Promise<void> {
    for (const end of this.endings.reverse()) {
      const ended = Promise.resolve().then(end);
      await bounded('close', ended, CLOSE_WITHIN_MS).catch(() => undefined);
    }
  }
}
