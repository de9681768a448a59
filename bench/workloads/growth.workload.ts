import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { MapCache } from '../contenders/map.js';
import { OwnApp, TENANT } from '../contenders/own.js';
import { leadOf, type Lead } from '../data/leads.js';
import { randomOf } from '../data/random.js';
import { replicate } from '../data/replicate.js';
import type { Bench } from '../measure/bench.js';
import { hold, type Contest, type Prepared } from '../measure/contest.js';
import { inFlight, oneByOne } from '../measure/loops.js';
import type { Case } from '../measure/outcome.js';
import type { Workload } from '../measure/workload.js';

const ASKED = 1 << 16;

export const growth: Workload = {
  name: 'growth',
  title: 'Growth',
  method:
    'The same call with more and more of one thing. Keys are asked for at random, so with many of ' +
    'them the caches of the processor help less; `Map` shows how much of the growth is that. The keys ' +
    'in Redis are copies of one entry. For the number of processes see the cold key.',
  nodeFlags: ['--max-old-space-size=8192'],
  chart: { measure: 'timeNs', scale: 'linear', note: 'time of a call, less is better' },
  measure: async (bench) => {
    const cases: Case[] = [];
    const most = bench.size(1_000_000, 100_000);
    cases.push(await nearKeys(bench, [1_000, 10_000, 100_000, most]));
    cases.push(await farKeys(bench, [1_000, 10_000, 100_000, most]));
    cases.push(await tenants(bench, bench.quick ? [1, 1_000] : [1, 100, 10_000]));
    const numbers = bench.quick ? [0, 10] : [0, 1, 5, 10];
    cases.push(await tags(bench, 'far-hit', numbers));
    cases.push(await tags(bench, 'miss', numbers));
    return cases;
  },
};

/** What is measured at several sizes; the first is the reference. */
interface Sized {
  readonly name: string;
  readonly prepare: () => Promise<Prepared> | Prepared;
}

function atSizes(
  sizes: readonly number[],
  unit: string,
  prepare: (size: number) => Promise<Prepared> | Prepared,
): Sized[] {
  return [...new Set(sizes)].map((size) => ({
    name: `${size.toLocaleString('en-US')} ${unit}`,
    prepare: () => prepare(size),
  }));
}

function compare(
  bench: Bench,
  contest: Pick<Contest, 'id' | 'title' | 'clock'>,
  contestants: readonly Sized[],
): Promise<Case> {
  return hold(bench, { ...contest, reference: contestants[0]?.name ?? '', contestants });
}

function nearKeys(bench: Bench, sizes: readonly number[]): Promise<Case> {
  const contest = { id: 'growth/near-keys', title: 'near hit, share', clock: 'cpu' } as const;
  const load = (): Promise<Lead> => Promise.resolve(leadOf(1));
  const ours = atSizes(sizes, 'entries', async (size) => {
    const near = { maxEntries: size, maxBytes: 4e9, tenantShare: 1 };
    const app = await OwnApp.boot({ defaults: { ttl: '1h', near: { share: true } }, near });
    const cache = app.cache<Lead>();
    for (let number = 0; number < size; number++) await cache.wrap(String(number), load);
    const keys = randomKeys(size);
    return {
      run: oneByOne((index) => cache.wrap(keys[index % ASKED] as string, load)),
      close: () => app.close(),
    };
  });
  const maps = atSizes(sizes, 'entries in a Map', async (size) => {
    const map = new MapCache<Lead>();
    const keyOf = (number: string): string => `acme:lead:${number}`;
    for (let number = 0; number < size; number++) await map.getOrLoad(keyOf(String(number)), load);
    const keys = randomKeys(size);
    return {
      run: oneByOne((index) => map.getOrLoad(keyOf(keys[index % ASKED] as string), load)),
    };
  });
  return compare(bench, contest, [...ours, ...maps]);
}

function farKeys(bench: Bench, sizes: readonly number[]): Promise<Case> {
  const contest = { id: 'growth/far-keys', title: 'far hit, 64 in flight' };
  const prepare = async (size: number): Promise<Prepared> => {
    const prefix = `bench-${randomUUID()}`;
    const app = await OwnApp.withRedis(bench, { near: false }, { prefix });
    const cache = app.cache<Lead>();
    const load = (): Promise<Lead> => Promise.resolve(leadOf(1));
    await cache.wrap('0', load);
    const redis = new Redis(bench.redisUrl);
    await replicate(redis, (number) => `${prefix}:{${TENANT}/lead.byId@1/${number}}`, size);
    redis.disconnect();
    const keys = randomKeys(size);
    return {
      run: inFlight(64, (index) => cache.wrap(keys[index % ASKED] as string, load)),
      close: () => app.close(),
    };
  };
  return compare(bench, contest, atSizes(sizes, 'entries', prepare));
}

function tenants(bench: Bench, sizes: readonly number[]): Promise<Case> {
  const contest = {
    id: 'growth/tenants',
    title: 'near hit, share, one entry for each tenant',
    clock: 'cpu',
  } as const;
  const prepare = async (size: number): Promise<Prepared> => {
    const near = { maxEntries: size * 2, tenantShare: 1 };
    const app = await OwnApp.withRedis(bench, { near: { share: true, ttl: '1h' } }, { near });
    const load = (): Lead => leadOf(1);
    const caches = Array.from({ length: size }, (_, number) =>
      app.caches.forTenant(`tenant-${String(number)}`).cache<Lead>('lead.byId'),
    );
    const ask = (index: number): Promise<Lead> | undefined => caches[index % size]?.wrap('1', load);
    await inFlight(64, ask)(size);
    return { run: oneByOne(ask), close: () => app.close() };
  };
  return compare(bench, contest, atSizes(sizes, 'tenants', prepare));
}

function tags(bench: Bench, kind: 'far-hit' | 'miss', sizes: readonly number[]): Promise<Case> {
  const title = kind === 'miss' ? 'miss, 64 in flight' : 'far hit, 64 in flight';
  const prepare = async (size: number): Promise<Prepared> => {
    const app = await OwnApp.withRedis(bench, { near: false });
    const cache = app.cache<Lead>();
    const policy = { tags: Array.from({ length: size }, (_, number) => `tag-${String(number)}`) };
    const load = (): Promise<Lead> => Promise.resolve(leadOf(1));
    const keyOf = (index: number): string => String(kind === 'miss' ? index : index % 1_000);
    const run = inFlight(64, (index) => cache.wrap(keyOf(index), load, policy));
    await run(1_000);
    return { run, close: () => app.close() };
  };
  return compare(bench, { id: `growth/tags-${kind}`, title }, atSizes(sizes, 'tags', prepare));
}

function randomKeys(below: number): string[] {
  const random = randomOf(below);
  return Array.from({ length: ASKED }, () => String(Math.floor(random() * below)));
}
