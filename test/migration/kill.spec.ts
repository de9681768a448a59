import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { CacheService } from 'nestjs-redis-cache';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { keyOf, leadMap } from './support/lead-map.js';
import { LEASE_MS, type MortalDrain, type Survived } from './support/mortal-drain.js';
import { RedisHashMap } from './support/redis-hash-map.js';

const ROOT = join(__dirname, '../..');
const REGISTER = './test/support/typescript/register.cjs';
const PROGRAM = 'test/migration/support/mortal-drain.program.ts';
/** Of processes at a time. */
const AT_ONCE = 2;

const url = String(process.env.REDIS_URL);
const LEADS = { '+1': { name: 'Ada', calls: [1, 2] } };
const TENANT = 'acme';

jest.setTimeout(120_000);

describe('a process that is killed at any step of a drain', () => {
  const apps = new CacheApps();
  const redis = new Redis(url);

  afterAll(() => redis.quit());

  it('has lost nothing, and whoever drains next finishes it, with nothing twice', async () => {
    let next = 0;
    let steps = Infinity;
    const killed: number[] = [];
    const walk = async (): Promise<void> => {
      for (let dieAt = next++; dieAt < steps; dieAt = next++) {
        const survived = await drainAndDie(dieAt);
        if (survived) steps = Math.min(steps, survived.steps);
        else killed.push(dieAt);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, walk));
    expect(steps).toBeGreaterThan(15);
    expect(killed.sort((a, b) => a - b)).toEqual(Array.from({ length: steps }, (_, step) => step));
  });

  /** @returns undefined if it died, as it was to */
  async function drainAndDie(dieAt: number): Promise<Survived | undefined> {
    const prefix = ownPrefix();
    const source = new RedisHashMap(redis, `${prefix}-source`);
    for (const [phone, lead] of Object.entries(LEADS)) await source.set(keyOf(TENANT, phone), lead);

    const outcome = await runToItsEnd({ url, prefix, source: `${prefix}-source`, dieAt });

    const cache = { prefix, timeouts: { command: LEASE_MS, lease: LEASE_MS } } as const;
    const { caches } = await apps.boot({ tier: 'redis', cache });
    await expectNothingLost(caches, source);
    const leads = leadMap(caches, source, { mode: 'cache-first' });
    const { left } = await leads.drain();
    expect(Object.values(left).every((count) => count === 0)).toBe(true);
    await leads.switchTo('cache-only');
    for (const [phone, lead] of Object.entries(LEADS)) {
      expect(await leads.get(keyOf(TENANT, phone))).toEqual(lead);
    }
    expect(await redis.exists(`${prefix}-source`)).toBe(0);
    expect(await entriesOf(prefix)).toBe(Object.keys(LEADS).length);
    return outcome;
  }

  /** As it lies there: whoever looks on both sides finds it, and what it was. */
  async function expectNothingLost(
    caches: CacheService,
    source: RedisHashMap<unknown>,
  ): Promise<void> {
    const cache = caches.forTenant(TENANT).cache('lead.byPhone');
    for (const [phone, lead] of Object.entries(LEADS)) {
      const sides = [await source.get(keyOf(TENANT, phone)), await cache.get(phone)];
      const there = sides.filter((side) => side !== undefined);
      expect(there.length).toBeGreaterThan(0);
      for (const side of there) expect(side).toEqual(lead);
    }
  }

  async function entriesOf(prefix: string): Promise<number> {
    const found = new Set<string>();
    const match = `${prefix}:{*@*/*}`;
    for await (const page of redis.scanStream({ match, count: 1_000 })) {
      for (const key of page as string[]) found.add(key);
    }
    return found.size;
  }
});

/** Resolves to what it said, or to undefined if it was killed. */
function runToItsEnd(drain: MortalDrain): Promise<Survived | undefined> {
  const args = ['--require', REGISTER, PROGRAM, JSON.stringify(drain)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) => {
      if (error?.signal === 'SIGKILL') resolve(undefined);
      else if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout) as Survived);
    });
  });
}
