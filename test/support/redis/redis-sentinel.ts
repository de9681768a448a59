import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { newDataFolder } from '../data-folder.js';
import { RedisServerProcess } from './redis-server.js';

/** What the sentinels call the group. */
const GROUP = 'cache';
const REPLICAS = 2;
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 500;
const FAILOVER_TIMEOUT_MS = 3_000;
const FORMED_WITHIN_MS = 20_000;
const PROMOTED_WITHIN_MS = 20_000;
const PAUSE_MS = 20;

/** A primary with two replicas, and three sentinels that promote one of them when it is gone. */
export class RedisSentinelProcesses {
  private constructor(
    /** The one that began as such. */
    readonly primary: RedisServerProcess,
    readonly replicas: readonly RedisServerProcess[],
    private readonly sentinels: readonly RedisServerProcess[],
    private readonly folder: string,
  ) {}

  static async start(): Promise<RedisSentinelProcesses> {
    const folder = await newDataFolder('redis-sentinel');
    const server = (...args: string[]) =>
      RedisServerProcess.start({
        args: ['--dir', folder, '--repl-diskless-sync-delay', '0', ...args],
      });
    const primary = await server();
    const following = ['--replicaof', `127.0.0.1 ${primary.port}`];
    const replicas = await Promise.all(
      Array.from({ length: REPLICAS }, () => server(...following)),
    );
    await holds(primary.url, FORMED_WITHIN_MS, 'the replicas are in step', async (client) => {
      const info = await client.info('replication');
      return info.split('state=online').length === REPLICAS + 1;
    });
    const sentinels = await Promise.all(
      Array.from({ length: SENTINELS }, (_, i) => startSentinel(folder, i, primary.port)),
    );
    const group = new RedisSentinelProcesses(primary, replicas, sentinels, folder);
    await group.formed();
    return group;
  }

  /** How a client reaches the one that is the primary. */
  get connection(): { sentinels: { host: string; port: number }[]; name: string } {
    return {
      sentinels: this.sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
      name: GROUP,
    };
  }

  /** Resolves with the url of a replica that was promoted, once it takes writes. */
  async promoted(): Promise<string> {
    let url = '';
    await holds(this.sentinelUrl, PROMOTED_WITHIN_MS, 'a replica is promoted', async (sentinel) => {
      const [, port] = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', GROUP)) as [
        string,
        string,
      ];
      url = `redis://127.0.0.1:${port}`;
      return Number(port) !== this.primary.port;
    });
    await holds(url, PROMOTED_WITHIN_MS, 'it takes writes', async (client) =>
      (await client.info('replication')).includes('role:master'),
    );
    return url;
  }

  async stop(): Promise<void> {
    // Sentinels first: they would promote one after the other.
    await Promise.all(this.sentinels.map((sentinel) => sentinel.stop()));
    await Promise.all([this.primary, ...this.replicas].map((server) => server.stop()));
    await rm(this.folder, { recursive: true });
  }

  private get sentinelUrl(): string {
    return (this.sentinels[0] as RedisServerProcess).url;
  }

  /** Every sentinel knows the replicas and the other sentinels, or no majority comes about. */
  private async formed(): Promise<void> {
    const expected = { 'num-slaves': REPLICAS, 'num-other-sentinels': SENTINELS - 1 };
    for (const { url } of this.sentinels) {
      await holds(url, FORMED_WITHIN_MS, 'the sentinels meet', async (sentinel) => {
        const fields = (await sentinel.call('SENTINEL', 'MASTER', GROUP)) as string[];
        return Object.entries(expected).every(
          ([field, count]) => fields[fields.indexOf(field) + 1] === String(count),
        );
      });
    }
  }
}

async function startSentinel(
  folder: string,
  number: number,
  primaryPort: number,
): Promise<RedisServerProcess> {
  const sentinelConfig = join(folder, `sentinel-${number}.conf`);
  const lines = [
    `dir ${folder}`,
    `sentinel monitor ${GROUP} 127.0.0.1 ${primaryPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${GROUP} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${GROUP} ${FAILOVER_TIMEOUT_MS}`,
  ];
  await writeFile(sentinelConfig, `${lines.join('\n')}\n`);
  return RedisServerProcess.start({ sentinelConfig });
}

async function holds(
  url: string,
  withinMs: number,
  what: string,
  condition: (client: Redis) => Promise<boolean>,
): Promise<void> {
  const client = new Redis(url);
  const giveUpAtMs = performance.now() + withinMs;
  try {
    while (!(await condition(client))) {
      if (performance.now() > giveUpAtMs) throw new Error(`Not within ${withinMs} ms: ${what}`);
      await sleep(PAUSE_MS);
    }
  } finally {
    client.disconnect();
  }
}
