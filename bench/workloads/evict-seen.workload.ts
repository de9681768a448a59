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
import type { Figure, Measures } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const BENCH = path.resolve(__dirname, '..');
const BARE = 'PUBLISH and SUBSCRIBE';
const SCRIPT = 'DEL and PUBLISH by a script, and SUBSCRIBE by both';

/** As the round of others are: an operation that mostly waits is interpreted for long, where it is not done often. */
const WARM_UP = 5_000;

/** The commands of an eviction of ours, and nothing else. */
const EVICT = `
redis.call('DEL', KEYS[2])
redis.call('UNLINK', KEYS[1])
return redis.call('PUBLISH', ARGV[1], ARGV[2])`;

export const evictSeen: Workload = {
  name: 'evict-seen',
  title: 'An eviction as another process sees it',
  method:
    'From before `del` in this process until the near tier of another one has let go of the entry; ' +
    'and, in turns with it, from before a bare PUBLISH here until a bare subscriber over there has ' +
    'the message; the same where a script deletes an entry and a lease first, which is what an eviction ' +
    'of ours sends, and this process listens as well, as each has to that others tell. All by the monotonic ' +
    'clock of the machine.',
  measure: async (bench) => {
    const { evicted, published, scripted } = await measureAll(bench);
    const ratioOf = (timesNs: readonly number[]): Measures => ({
      timeNs: sampleOf(timesNs),
      ratio: sampleOf(quotients(timesNs, published)),
    });
    const figures: Figure[] = [
      { contender: BARE, measures: { timeNs: sampleOf(published) } },
      { contender: SCRIPT, measures: ratioOf(scripted) },
      { contender: OWN, measures: ratioOf(evicted) },
    ];
    return [{ id: 'evict-seen/key', title: 'one entry', reference: BARE, figures }];
  },
};

type Script = (
  this: Redis,
  entry: string,
  lease: string,
  channel: string,
  message: string,
) => Promise<unknown>;

interface Times {
  readonly evicted: number[];
  readonly published: number[];
  readonly scripted: number[];
}

async function measureAll(bench: Bench): Promise<Times> {
  const { prefix } = nodeOptions();
  const [bareChannel, scriptChannel] = [`${prefix}-bare`, `${prefix}-script`] as const;
  const channels = [bareChannel, scriptChannel];
  const listening: Listening = { redisUrl: bench.redisUrl, prefix, channels };
  const child = fork(path.join(BENCH, 'listener.program.ts'), [JSON.stringify(listening)], {
    execArgv: ['--require', path.join(BENCH, 'register.cjs')],
  });
  await once(child, 'message');
  const app = await OwnApp.withRedis(bench, {}, { prefix });
  const [redis, ear] = [new Redis(bench.redisUrl), new Redis(bench.redisUrl)];
  ear.on('message', () => undefined);
  await ear.subscribe(scriptChannel);
  redis.defineCommand('sketchEvict', { lua: EVICT, numberOfKeys: 2 });
  const { sketchEvict } = redis as unknown as Record<'sketchEvict', Script>;
  const evicted: number[] = [];
  const published: number[] = [];
  const scripted: number[] = [];
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
  for (let round = -bench.size(WARM_UP, 50); round < rounds; round++) {
    await cache.wrap('1', () => leadOf(1));
    const keys = [`${prefix}:entry`, `${prefix}:lease`] as const;
    await redis.set(keys[0], JSON.stringify(leadOf(1)));
    const bare = await timed(() => redis.publish(bareChannel, 'evicted'));
    const script = await timed(() => sketchEvict.call(redis, ...keys, scriptChannel, 'evicted'));
    const ours = await timed(() => cache.del('1'));
    // The first ones warm up.
    if (round < 0) continue;
    published.push(bare);
    scripted.push(script);
    evicted.push(ours);
  }
  child.disconnect();
  redis.disconnect();
  ear.disconnect();
  await app.close();
  return { evicted, published, scripted };
}
