import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import {
  Cacheable,
  CacheWarmer,
  RedisCacheModule,
  type CacheWarmup,
  type WarmContext,
} from 'nestjs-redis-cache';

const cache = () =>
  RedisCacheModule.forRootAsync({
    useFactory: () => {
      const { WARMED_REDIS_URL: url = '', WARMED_PREFIX: prefix = '' } = process.env;
      const timeouts = { command: '5s' } as const;
      return { connection: { url }, prefix, warm: false as const, timeouts };
    },
  });

@Injectable()
class Leads {
  @Cacheable('lead')
  byId(id: string): Promise<string> {
    return id === 'broken' ? Promise.reject(new Error('no such lead')) : Promise.resolve(id);
  }
}

@Injectable()
@CacheWarmer({ name: 'leads' })
class LeadsWarmer implements CacheWarmup {
  constructor(private readonly leads: Leads) {}

  *warm({ expect }: WarmContext) {
    expect(3);
    for (const id of ['1', '2', '3']) yield { tenant: 'acme', run: () => this.leads.byId(id) };
  }
}

@Injectable()
@CacheWarmer({ name: 'broken' })
class BrokenWarmer implements CacheWarmup {
  constructor(private readonly leads: Leads) {}

  warm() {
    return ['1', 'broken'].map((id) => ({ tenant: 'acme', run: () => this.leads.byId(id) }));
  }
}

@Injectable()
@CacheWarmer({ name: 'endless' })
class EndlessWarmer implements CacheWarmup {
  async *warm({ signal }: WarmContext) {
    while (!signal.aborted) yield () => sleep(20);
  }
}

/** Slow enough to be looked on at. */
@Injectable()
@CacheWarmer({ name: 'slow' })
class SlowWarmer implements CacheWarmup {
  *warm({ expect }: WarmContext) {
    expect(12);
    for (let n = 0; n < 12; n += 1) yield () => sleep(60);
  }
}

@Module({ imports: [cache()], providers: [SlowWarmer] })
export class SlowModule {}

@Module({ imports: [cache()], providers: [Leads, LeadsWarmer] })
export class WarmedModule {}

@Module({ imports: [cache()], providers: [Leads, LeadsWarmer, BrokenWarmer, EndlessWarmer] })
export class PartlyWarmedModule {}

@Module({ imports: [cache()] })
export class ColdModule {}

@Module({})
export class WithoutCacheModule {}

@Module({
  providers: [
    {
      provide: 'DATABASE',
      useFactory: () => Promise.reject(new Error('redis://u:pa55@h is away')),
    },
  ],
})
export class FailingModule {}
