import fc from 'fast-check';
import { isRedisCacheError, type CacheService } from 'nestjs-redis-cache';
import {
  MIGRATION_MODES,
  type MigratingMap,
  type MigrationMode,
} from 'nestjs-redis-cache/migration';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { GatedMap } from './support/gated-map.js';
import { keyOf, leadMap } from './support/lead-map.js';

type Value = number | null | undefined | { n: number } | (() => number);

type Step =
  | { readonly do: 'set' | 'getOrLoad'; readonly key: string; readonly value: Value }
  | { readonly do: 'get' | 'has' | 'delete'; readonly key: string }
  | { readonly do: 'switch'; readonly to: MigrationMode }
  | { readonly do: 'drain' | 'restart' };

const KEYS = [
  keyOf('acme', '+1'),
  keyOf('acme', '+2'),
  keyOf('globex', '+1'),
  keyOf('globex', 'a;b|{*}'),
];

const RUNS = { memory: 300, redis: 15 };

/** No cache can carry it; one for all, so that it equals itself. */
const inexact = () => 0;

const key = fc.constantFrom(...KEYS);
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.integer(),
  fc.record({ n: fc.integer() }),
  fc.constantFrom(null, undefined, inexact),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('set', 'getOrLoad'), key, value }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('get', 'has', 'delete'), key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('switch' as const),
      to: fc.constantFrom(...MIGRATION_MODES),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('drain', 'restart') }) },
);

/** A migration beside a Map that does the same. */
class Model {
  private readonly model = new Map<string, Value>();
  private leads: MigratingMap<string, Value>;

  constructor(
    private readonly caches: CacheService,
    /** Outlives the process, where one restarts. */
    private readonly source: Map<string, Value> | GatedMap<string, Value>,
  ) {
    this.leads = leadMap(caches, source);
  }

  async take(step: Step): Promise<void> {
    const { model, leads } = this;
    switch (step.do) {
      case 'set':
        if (await this.refuses(() => leads.set(step.key, step.value))) return;
        model.set(step.key, step.value);
        return;
      case 'getOrLoad': {
        const loaded = await leads.getOrLoad(step.key, () => step.value);
        if (!model.has(step.key) && this.keeps(step.value)) model.set(step.key, step.value);
        expect(loaded).toEqual(model.has(step.key) ? model.get(step.key) : step.value);
        return;
      }
      case 'get':
        expect(await leads.get(step.key)).toEqual(model.get(step.key));
        return;
      case 'has':
        expect(await leads.has(step.key)).toBe(model.has(step.key));
        return;
      case 'delete':
        await leads.delete(step.key);
        model.delete(step.key);
        return;
      case 'switch':
        await this.refuses(() => leads.switchTo(step.to));
        return;
      case 'drain':
        await this.refuses(() => leads.drain());
        return;
      case 'restart':
        // As a deployment does it: in the mode that it was left in.
        this.leads = leadMap(this.caches, this.source, { mode: leads.mode });
    }
  }

  async compare(): Promise<void> {
    for (const key of KEYS) {
      expect([key, await this.leads.has(key)]).toEqual([key, this.model.has(key)]);
      expect([key, await this.leads.get(key)]).toEqual([key, this.model.get(key)]);
    }
    await this.leads.idle();
    expect(this.leads.statistics().differing).toBe(0);
  }

  /** What the cache alone cannot carry is answered and kept nowhere, once the Map keeps nothing. */
  private keeps(value: Value): boolean {
    const { mode, draining } = this.leads.statistics();
    return value !== inexact || (mode !== 'cache-only' && !draining);
  }

  /** Whether the library says no to it; whatever else goes wrong is thrown. */
  private async refuses(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return false;
    } catch (error) {
      const codes: unknown[] = ['MIGRATION_REFUSED', 'UNCACHEABLE_VALUE'];
      if (isRedisCacheError(error) && codes.includes(error.code)) return true;
      throw error;
    }
  }
}

describe.each(TIERS)('a migration, with %s', (tier) => {
  const apps = new CacheApps();

  it.each([
    ['a Map', () => new Map<string, Value>()],
    ['one behind promises', () => new GatedMap<string, Value>()],
  ])(
    'behaves as a Map does, whatever modes it goes through, with %s',
    async (_what, source) => {
      const { caches } = await apps.boot({ tier });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          for (const tenant of ['acme', 'globex']) await caches.forTenant(tenant).evictTenant();
          const model = new Model(caches, source());
          for (const one of steps) await model.take(one);
          await model.compare();
        }),
        { numRuns: RUNS[tier] },
      );
    },
    60_000,
  );

  it('has the last write of each key, whatever ran at the same time', async () => {
    const { caches } = await apps.boot({ tier });
    const writes = fc.array(fc.record({ key, value: fc.integer() }), { maxLength: 12 });
    const switches = fc.array(fc.constantFrom(...MIGRATION_MODES), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(writes, switches, async (written, modes) => {
        for (const tenant of ['acme', 'globex']) await caches.forTenant(tenant).evictTenant();
        const leads = leadMap<number>(caches, new Map());
        const expected = new Map(written.map(({ key, value }) => [key, value]));
        const work: Promise<unknown>[] = [];
        for (let index = 0; index < Math.max(written.length, modes.length); index += 1) {
          const write = written[index];
          const mode = modes[index];
          if (write) work.push(leads.set(write.key, write.value), leads.get(write.key));
          if (mode) work.push(leads.switchTo(mode).then(() => leads.drain()));
        }
        await Promise.allSettled(work);
        for (const key of KEYS) expect(await leads.get(key)).toBe(expected.get(key));
      }),
      { numRuns: RUNS[tier] },
    );
  }, 60_000);
});
