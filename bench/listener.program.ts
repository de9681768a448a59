/** Tells when it hears of an eviction and of a bare message; `workloads/evict-seen.workload.ts` asks. */

import { once } from 'node:events';
import { Redis } from 'ioredis';
import { OwnApp } from './contenders/own.js';

export interface Listening {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Of the messages that are not of the cache. */
  readonly channels: readonly string[];
}

/** When it was heard, by the monotonic clock of the machine. */
export interface Heard {
  readonly atNs: number;
}

async function main({ redisUrl, prefix, channels }: Listening): Promise<void> {
  const app = await OwnApp.withRedis({ redisUrl }, {}, { prefix });
  const subscriber = new Redis(redisUrl);
  const tell = (): void => {
    process.send?.({ atNs: Number(process.hrtime.bigint()) } satisfies Heard);
  };
  app.caches.on('remoteInvalidation', tell);
  subscriber.on('message', tell);
  await subscriber.subscribe(...channels);
  process.send?.('listening');
  await once(process, 'disconnect');
  subscriber.disconnect();
  await app.close();
}

void main(JSON.parse(process.argv[2] ?? '') as Listening);
