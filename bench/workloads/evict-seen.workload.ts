import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Redis } from 'ioredis';
import { nodeOptions } from '../contenders/caches.js';
import { OWN } from '../contenders/names.js';
import { OwnApp } from '../contenders/own.js';
import { leadOf } from '../data/leads.js';
import type { Heard, Listening } from '../listener.program.js';
import type { Bench } from '../measure/bench.js';
import { quotients, sampleOf } from '../measure/statistics.js';
import type { Figure } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const BENCH = path.resolve(__dirname, '..');
const BARE = 'PUBLISH and SUBSCRIBE';

export const evictSeen: Workload = {
  name: 'evict-seen',
  title: 'An eviction as another process sees it',
  method:
    'From before `del` in this process until the near tier of another one has let go of the entry; ' +
    'and, in turns with it, from before a bare PUBLISH here until a bare subscriber over there has ' +
    'the message. Both by the monotonic clock of the machine.',
  measure: async (bench) => {
    const { evicted, published } = await measureBoth(bench);
    const ratio = sampleOf(quotients(evicted, published));
    const figures: Figure[] = [
      { contender: BARE, measures: { timeNs: sampleOf(published) } },
      { contender: OWN, measures: { timeNs: sampleOf(evicted), ratio } },
    ];
    return [{ id: 'evict-seen/key', title: 'one entry', reference: BARE, figures }];
  },
};

async function measureBoth(
  bench: Bench,
): Promise<{ readonly evicted: number[]; readonly published: number[] }> {
  const { prefix } = nodeOptions();
  const listening: Listening = { redisUrl: bench.redisUrl, prefix, channel: `${prefix}-bare` };
  const child = fork(path.join(BENCH, 'listener.program.ts'), [JSON.stringify(listening)], {
    execArgv: ['--require', path.join(BENCH, 'register.cjs')],
  });
  await once(child, 'message');
  const app = await OwnApp.withRedis(bench, {}, { prefix });
  const redis = new Redis(bench.redisUrl);
  const evicted: number[] = [];
  const published: number[] = [];
  const timed = async (act: () => Promise<unknown>): Promise<number> => {
    const heard = once(child, 'message');
    const beganNs = Number(process.hrtime.bigint());
    const acting = act();
    const [{ atNs }] = (await heard) as [Heard];
    await acting;
    return atNs - beganNs;
  };
  const cache = app.cache();
  const rounds = bench.size(1_000, 300);
  for (let round = -50; round < rounds; round++) {
    await cache.wrap('1', () => leadOf(1));
    const bare = await timed(() => redis.publish(listening.channel, 'evicted'));
    const ours = await timed(() => cache.del('1'));
    // The first ones warm up.
    if (round < 0) continue;
    published.push(bare);
    evicted.push(ours);
  }
  child.disconnect();
  redis.disconnect();
  await app.close();
  return { evicted, published };
}
