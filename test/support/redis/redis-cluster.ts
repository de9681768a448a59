import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { newDataFolder } from '../data-folder.js';
import { freePort } from '../free-port.js';
import { PORT_ATTEMPTS, RedisServerProcess } from './redis-server.js';

/** How a cluster is made. */
export interface RedisClusterOptions {
  /** Replicas of each master. @default 0 */
  readonly replicas?: number;
}

const MASTERS = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_000;
const MIGRATE_TIMEOUT_MS = 1_000;
const FORMED_WITHIN_MS = 20_000;
const PAUSE_MS = 20;

/** A Redis Cluster of three masters, with or without replicas. */
export class RedisClusterProcesses {
  private constructor(
    /** Those that began as masters. */
    readonly masters: readonly RedisServerProcess[],
    /** In the order of their masters. */
    readonly replicas: readonly RedisServerProcess[],
    private readonly folder: string,
  ) {}

  private readonly added: RedisServerProcess[] = [];

  static async start({ replicas = 0 }: RedisClusterOptions = {}): Promise<RedisClusterProcesses> {
    const folder = await newDataFolder('redis-cluster');
    const servers: RedisServerProcess[] = [];
    while (servers.length < MASTERS * (1 + replicas)) servers.push(await startNode(folder));
    const cluster = new RedisClusterProcesses(
      servers.slice(0, MASTERS),
      servers.slice(MASTERS),
      folder,
    );
    await cluster.form();
    return cluster;
  }

  /** Has a replica take over from its master in good order, and waits until it has. */
  async handOver(number: number): Promise<void> {
    const replica = new Redis((this.replicas[number] as RedisServerProcess).url);
    try {
      await replica.cluster('FAILOVER');
      await eachIs([replica], isMaster);
    } finally {
      replica.disconnect();
    }
  }

  /** Has a further master join, which serves no slot yet. */
  async addMaster(): Promise<RedisServerProcess> {
    const added = await startNode(this.folder);
    this.added.push(added);
    const clients = this.servers.map(({ url }) => new Redis(url));
    try {
      const [first] = this.masters as [RedisServerProcess];
      await clients.at(-1)?.cluster('MEET', '127.0.0.1', first.port);
      await eachIs(clients, knowsOf(clients.length));
      await eachIs(clients, isWell);
    } finally {
      for (const client of clients) client.disconnect();
    }
    return added;
  }

  /** Where each of its nodes is, for a client. */
  get nodes(): { host: string; port: number }[] {
    return this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** Hands a slot from one of the masters to another, key by key, as an operator's tool does. */
  async moveSlot(slot: number, from: RedisServerProcess, to: RedisServerProcess): Promise<void> {
    const [source, target] = [new Redis(from.url), new Redis(to.url)];
    try {
      const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')];
      await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
      await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
      for (;;) {
        const [key] = await source.cluster('GETKEYSINSLOT', slot, 1);
        if (key === undefined) break;
        await source.migrate('127.0.0.1', to.port, key, 0, MIGRATE_TIMEOUT_MS);
      }
      // The target first: from then on nobody can take what it has for the source's.
      await target.cluster('SETSLOT', slot, 'NODE', targetId);
      await source.cluster('SETSLOT', slot, 'NODE', targetId);
    } finally {
      source.disconnect();
      target.disconnect();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await rm(this.folder, { recursive: true });
  }

  private get servers(): RedisServerProcess[] {
    return [...this.masters, ...this.replicas, ...this.added];
  }

  private async form(): Promise<void> {
    const clients = this.servers.map(({ url }) => new Redis(url));
    try {
      await this.introduce(clients);
      await eachIs(clients, knowsOf(clients.length));
      await this.appointReplicas(clients);
      await eachIs(clients, isWell);
    } finally {
      for (const client of clients) client.disconnect();
    }
  }

  private async introduce(clients: readonly Redis[]): Promise<void> {
    const share = Math.ceil(SLOTS / MASTERS);
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    // An epoch is given only to a node that knows no other yet.
    for (const [i, client] of clients.entries()) await client.cluster('SET-CONFIG-EPOCH', i + 1);
    for (const [i, client] of clients.slice(0, MASTERS).entries()) {
      await client.cluster('ADDSLOTS', ...slots.slice(i * share, (i + 1) * share));
    }
    for (const client of clients) {
      for (const { host, port } of this.nodes) await client.cluster('MEET', host, port);
    }
  }

  private async appointReplicas(clients: readonly Redis[]): Promise<void> {
    for (const [i, replica] of clients.slice(MASTERS).entries()) {
      const master = clients[i % MASTERS] as Redis;
      const id = await master.cluster('MYID');
      await replica.cluster('REPLICATE', id);
      await eachIs([replica], isInStep);
    }
  }
}

/** Both of its ports were free a moment ago, and another process may have taken one of them since. */
async function startNode(folder: string): Promise<RedisServerProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startNodeAt(await freePort(), folder);
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function startNodeAt(port: number, folder: string): Promise<RedisServerProcess> {
  const args = [
    ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`, '--dir', folder],
    ['--cluster-node-timeout', `${NODE_TIMEOUT_MS}`, '--cluster-replica-validity-factor', '0'],
    ['--repl-diskless-sync-delay', '0'],
  ];
  return RedisServerProcess.start({ port, args: args.flat() });
}

type Condition = (client: Redis) => Promise<boolean>;

async function eachIs(clients: readonly Redis[], condition: Condition): Promise<void> {
  const giveUpAtMs = performance.now() + FORMED_WITHIN_MS;
  for (const client of clients) {
    while (!(await condition(client))) {
      if (performance.now() > giveUpAtMs) throw new Error('The nodes of the cluster do not meet.');
      await sleep(PAUSE_MS);
    }
  }
}

function knowsOf(count: number): Condition {
  return async (client) => (await client.cluster('INFO')).includes(`cluster_known_nodes:${count}`);
}

async function isWell(client: Redis): Promise<boolean> {
  return (await client.cluster('INFO')).includes('cluster_state:ok');
}

async function isMaster(node: Redis): Promise<boolean> {
  return (await node.info('replication')).includes('role:master');
}

async function isInStep(replica: Redis): Promise<boolean> {
  return (await replica.info('replication')).includes('master_link_status:up');
}
