/** Tries what docs/migrating-from-type-cacheable.md says is different; the spec beside it starts this. */

import { inspect } from 'node:util';
import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import manager, { Cacheable as OldCacheable, CacheClear } from '@type-cacheable/core';
import { useAdapter } from '@type-cacheable/ioredis-adapter';
import { Redis } from 'ioredis';
import { Cacheable, CacheEvict, CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { inMode } from '../integration/support/cache-app.js';

class Point {
  constructor(readonly x: number) {}
}

const VALUES: Readonly<Record<string, unknown>> = {
  null: null,
  undefined,
  'a date as text': '2024-01-01T00:00:00.000Z',
  'a Map': new Map([[1, 2]]),
  NaN,
  'a bigint': 1n,
  'an instance': new Point(1),
  'an object': { tags: [] },
};

interface Filter {
  readonly a: number;
  readonly b: number;
}

/** What both sides are asked for. */
interface Samples {
  of(name: string): Promise<unknown>;
  by(filter: Filter): Promise<string>;
  undecided(): Promise<string>;
  ofGroup(name: string): Promise<unknown>;
  clearGroup(): Promise<void>;
  loads: number;
}

class Loads {
  loads = 0;

  protected async load<T>(value: T): Promise<T> {
    this.loads += 1;
    await new Promise(setImmediate); // so that callers meet
    return value;
  }
}

const undecided = (): boolean => {
  throw new Error('undecided');
};

@Injectable()
class OldSamples extends Loads implements Samples {
  @OldCacheable()
  of(name: string): Promise<unknown> {
    return this.load(VALUES[name]);
  }

  @OldCacheable()
  by(_filter: Filter): Promise<string> {
    return this.load('found');
  }

  @OldCacheable({ isCacheable: undecided })
  undecided(): Promise<string> {
    return this.load('answered');
  }

  @OldCacheable({ hashKey: 'grouped' })
  ofGroup(name: string): Promise<unknown> {
    return this.load(name);
  }

  @CacheClear({ hashKey: 'group' })
  clearGroup(): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable()
class OldNamesakes extends Loads {
  @OldCacheable()
  of(_name: string): Promise<unknown> {
    return this.load('namesake');
  }
}

@Injectable()
class NewSamples extends Loads implements Samples {
  @Cacheable({ type: () => Point })
  of(name: string): Promise<unknown> {
    return this.load(VALUES[name]);
  }

  @Cacheable()
  by(_filter: Filter): Promise<string> {
    return this.load('found');
  }

  @Cacheable({ unless: undecided })
  undecided(): Promise<string> {
    return this.load('answered');
  }

  @Cacheable('grouped')
  ofGroup(name: string): Promise<unknown> {
    return this.load(name);
  }

  @CacheEvict('group', { allEntries: true })
  clearGroup(): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable()
class NewNamesakes extends Loads {
  @Cacheable()
  of(_name: string): Promise<unknown> {
    return this.load('namesake');
  }
}

export interface Observed {
  /** What the second call for each value gave, as inspected, and how many loads the two took. */
  readonly values: Record<string, [string, number]>;
  readonly ofNamesake: unknown;
  readonly loadsByOrderOfProperties: number;
  readonly callersShareAnObject: boolean;
  readonly withConditionThatThrows: string;
  readonly loadsAfterClearOfLikeName: number;
}

async function observe(samples: Samples, namesakes: Pick<Samples, 'of'>): Promise<Observed> {
  const loadsOf = async (work: () => Promise<unknown>) => {
    const before = samples.loads;
    await work();
    return samples.loads - before;
  };
  const [one, other] = await Promise.all([samples.of('an object'), samples.of('an object')]);
  const values: Observed['values'] = {};
  for (const name of Object.keys(VALUES)) {
    let second: unknown;
    const loads = await loadsOf(async () => {
      await samples.of(name);
      second = await samples.of(name);
    });
    values[name] = [inspect(second), loads];
  }
  return {
    values,
    ofNamesake: await namesakes.of('a date as text'),
    loadsByOrderOfProperties: await loadsOf(async () => {
      await samples.by({ a: 1, b: 2 });
      await samples.by({ b: 2, a: 1 });
    }),
    callersShareAnObject: one === other,
    withConditionThatThrows: await samples.undecided().catch(String),
    loadsAfterClearOfLikeName: await loadsOf(async () => {
      await samples.ofGroup('1');
      await samples.clearGroup();
      await samples.ofGroup('1');
    }),
  };
}

/** Prints what it has seen, for the spec. */
export async function walk(): Promise<void> {
  const prefix = process.env.CACHE_PREFIX ?? 'crm';
  const url = process.env.REDIS_URL ?? 'redis://localhost:6379';
  const redis = new Redis(url, { keyPrefix: `${prefix}-old:` });
  const adapter = useAdapter(redis);
  const app = await NestFactory.createApplicationContext(
    {
      module: class DifferencesModule {},
      imports: [
        RedisCacheModule.forRoot({ connection: { url }, prefix, defaults: { scope: 'global' } }),
      ],
      providers: [OldSamples, OldNamesakes, NewSamples, NewNamesakes],
    },
    { logger: false },
  );
  await inMode(app.get(CacheService), 'redis');
  const old = await observe(app.get(OldSamples), app.get(OldNamesakes));
  const here = await observe(app.get(NewSamples), app.get(NewNamesakes));
  const keys = await adapter.keys(`${prefix}-old:*`);
  const ttls = await Promise.all(keys.map((key) => redis.ttl(key)));
  manager.disable();
  await app.get(OldSamples).clearGroup();
  const keptWhileDisabled = (await adapter.keys(`${prefix}-old:grouped*`)).length;
  await adapter.del(keys); // they have no ttl
  await app.close();
  await redis.quit();
  process.stdout.write(
    `\n${JSON.stringify({ old, here, oldTtls: [...new Set(ttls)], keptWhileDisabled })}`,
  );
}
