import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { eventually } from '../integration/support/eventually.js';
import { newDataFolder } from '../support/data-folder.js';
import { RedisClusterProcesses } from '../support/redis/redis-cluster.js';
import { RedisSentinelProcesses } from '../support/redis/redis-sentinel.js';
import { RedisServerProcess, type RedisServerOptions } from '../support/redis/redis-server.js';
import { ToxicProxy } from '../support/redis/toxic-proxy.js';
import { CLIENT_NAME, type Connection, type Stage } from './scenario.js';

/** One server, and a client that sees past the cache. */
export class SingleServer implements Stage {
  private newestKilled = 0;

  private constructor(
    readonly server: RedisServerProcess,
    readonly admin: Redis,
    private readonly folder: string,
  ) {}

  /** @param args further arguments of the program */
  static start(...args: string[]): Promise<SingleServer> {
    return SingleServer.startIn((folder) => ({ args: ['--dir', folder, ...args] }));
  }

  /** One that has its data again after a crash. */
  static persistent(): Promise<SingleServer> {
    return SingleServer.startIn((appendonlyDir) => ({ appendonlyDir }));
  }

  private static async startIn(
    optionsFor: (folder: string) => RedisServerOptions,
  ): Promise<SingleServer> {
    const folder = await newDataFolder('reliability');
    const server = await RedisServerProcess.start(optionsFor(folder));
    const admin = new Redis(server.url);
    admin.on('error', () => undefined);
    return new SingleServer(server, admin, folder);
  }

  get servers(): [RedisServerProcess] {
    return [this.server];
  }

  get connections(): [Connection, Connection] {
    const { url } = this.server;
    return [{ url }, { url }];
  }

  /** Closes connections of the applications. @returns how many */
  async killClients(type: 'normal' | 'pubsub'): Promise<number> {
    const ids = await this.clientIds(type);
    this.newestKilled = Math.max(...ids);
    for (const id of ids) await this.admin.call('CLIENT', 'KILL', 'ID', id);
    return ids.length;
  }

  /** Resolves when so many connections are there that were not when {@link killClients} came. */
  async reconnected(type: 'normal' | 'pubsub', count: number): Promise<void> {
    await eventually('connections are made anew', async () => {
      const ids = await this.clientIds(type);
      return ids.filter((id) => id > this.newestKilled).length >= count;
    });
  }

  async stop(): Promise<void> {
    this.admin.disconnect();
    await this.server.stop();
    await rm(this.folder, { recursive: true });
  }

  private async clientIds(type: 'normal' | 'pubsub'): Promise<number[]> {
    const list = String(await this.admin.call('CLIENT', 'LIST', 'TYPE', type));
    const lines = list.split('\n').filter((line) => line.includes(CLIENT_NAME));
    return lines.map((line) => Number(/^id=(\d+)/.exec(line)?.[1]));
  }
}

/** One server, and before it a proxy for each process. */
export class ProxiedServer implements Stage {
  private constructor(
    private readonly server: RedisServerProcess,
    readonly proxies: readonly [ToxicProxy, ToxicProxy],
  ) {}

  static async start(): Promise<ProxiedServer> {
    const server = await RedisServerProcess.start();
    const proxy = () => ToxicProxy.before(server.port);
    return new ProxiedServer(server, await Promise.all([proxy(), proxy()]));
  }

  get servers(): [RedisServerProcess] {
    return [this.server];
  }

  get connections(): [Connection, Connection] {
    const [first, second] = this.proxies;
    return [{ url: first.url }, { url: second.url }];
  }

  async stop(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    await this.server.stop();
  }
}

/** A primary, two replicas and three sentinels. */
export class Sentinels implements Stage {
  private constructor(readonly group: RedisSentinelProcesses) {}

  static async start(): Promise<Sentinels> {
    return new Sentinels(await RedisSentinelProcesses.start());
  }

  get servers(): RedisServerProcess[] {
    return [this.group.primary, ...this.group.replicas];
  }

  get connections(): [Connection, Connection] {
    const { connection } = this.group;
    return [connection, connection];
  }

  stop(): Promise<void> {
    return this.group.stop();
  }
}

/** Three masters with a replica each. */
export class ReplicatedCluster implements Stage {
  private constructor(readonly cluster: RedisClusterProcesses) {}

  static async start(): Promise<ReplicatedCluster> {
    return new ReplicatedCluster(await RedisClusterProcesses.start({ replicas: 1 }));
  }

  get servers(): RedisServerProcess[] {
    return [...this.cluster.masters, ...this.cluster.replicas];
  }

  get connections(): [Connection, Connection] {
    const connection = { cluster: this.cluster.nodes };
    return [connection, connection];
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }
}
