import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RedisServerProcess } from '../support/redis/redis-server.js';

const MASTERS = 3;
const SLOTS = 16_384;
const FORMED_WITHIN_MS = 20_000;
/** A node talks to the others on a port ten thousand above its own. */
const HIGHEST_PORT = 55_535;

/** A Redis Cluster of three masters, without replicas. */
export class RedisClusterProcesses {
  private constructor(
    readonly masters: readonly RedisServerProcess[],
    private readonly folder: string,
  ) {}

  static async start(): Promise<RedisClusterProcesses> {
    const folder = await mkdtemp(join(tmpdir(), 'redis-cluster-'));
    const masters: RedisServerProcess[] = [];
    while (masters.length < MASTERS) {
      const port = await lowPort();
      const config = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
      const files = ['--dir', folder, '--cluster-config-file', `nodes-${port}.conf`];
      masters.push(await RedisServerProcess.start({ port, args: [...config, ...files] }));
    }
    const cluster = new RedisClusterProcesses(masters, folder);
    const clients = masters.map(({ url }) => new Redis(url));
    await cluster.form(clients).finally(() => clients.forEach((client) => client.disconnect()));
    return cluster;
  }

  /** Where each master is, for a client. */
  get nodes(): { host: string; port: number }[] {
    return this.masters.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.masters.map((master) => master.stop()));
    await rm(this.folder, { recursive: true });
  }

  private async form(clients: readonly Redis[]): Promise<void> {
    const share = Math.ceil(SLOTS / MASTERS);
    for (const [i, client] of clients.entries()) {
      const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
      await client.cluster('SET-CONFIG-EPOCH', i + 1);
      await client.cluster('ADDSLOTS', ...slots.slice(i * share, (i + 1) * share));
    }
    // A node that has met another one takes no epoch any more.
    for (const client of clients) {
      for (const { host, port } of this.nodes) await client.cluster('MEET', host, port);
    }
    const giveUpAt = performance.now() + FORMED_WITHIN_MS;
    for (const client of clients) {
      while (!(await isFormed(client))) {
        if (performance.now() > giveUpAt) throw new Error('The nodes of the cluster do not meet.');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

async function isFormed(client: Redis): Promise<boolean> {
  const info = await client.cluster('INFO');
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${MASTERS}`);
}

async function lowPort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    if (port <= HIGHEST_PORT) return port;
  }
}
