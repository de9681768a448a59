import { Injectable, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Cacheable, CacheEvict, runWithTenant } from 'nestjs-redis-cache';
import {
  RedisCacheTestingModule,
  TestCache,
  type RedisCacheTestingOptions,
} from 'nestjs-redis-cache/testing';

/** Of the users' kind: a service with decorated methods over a source that changes. */
@Injectable()
export class Leads {
  readonly source = new Map<string, unknown>();
  loads = 0;

  @Cacheable('lead.byPhone', {
    ttl: '10m',
    tags: (phone: string) => [`phone:${phone}`],
    condition: (phone: string) => phone !== '',
  })
  byPhone(phone: string): Promise<unknown> {
    this.loads += 1;
    return Promise.resolve(this.source.get(phone));
  }

  @CacheEvict('lead.byPhone')
  forget(phone: string): Promise<string> {
    return Promise.resolve(phone);
  }
}

/** An application with the testing module, closed behind each test. */
export class TestApps {
  private readonly running: TestingModule[] = [];

  constructor() {
    afterEach(async () => {
      await Promise.all(this.running.splice(0).map((app) => app.close()));
    });
  }

  boot(options?: RedisCacheTestingOptions): Promise<TestApp> {
    return this.bootWith(RedisCacheTestingModule.forRoot(options));
  }

  async bootWith(cache: DynamicModule): Promise<TestApp> {
    const testing = Test.createTestingModule({ imports: [cache], providers: [Leads] });
    return this.start(await testing.compile());
  }

  /** @param cache of an application that does not inject it */
  async start(module: TestingModule, cache: TestCache = module.get(TestCache)): Promise<TestApp> {
    this.running.push(module);
    await module.init();
    return new TestApp(module, cache);
  }
}

export class TestApp {
  constructor(
    readonly module: TestingModule,
    readonly cache: TestCache,
  ) {}

  get leads(): Leads {
    return this.module.get(Leads);
  }

  byPhone(phone: string, tenant = 'acme'): Promise<unknown> {
    return runWithTenant(tenant, () => this.leads.byPhone(phone));
  }

  forget(phone: string, tenant = 'acme'): Promise<unknown> {
    return runWithTenant(tenant, () => this.leads.forget(phone));
  }
}
