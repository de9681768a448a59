import type { AsyncLocalStorage } from 'node:async_hooks';
import {
  Controller,
  Get,
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type Type,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Cacheable,
  CacheService,
  currentTenant,
  runWithTenant,
  tenantMiddleware,
  TenantMissingError,
} from 'nestjs-redis-cache';
import { RawRedis } from '../integration/support/raw-redis.js';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';
import { describeGuide } from './guide.js';

interface TokenGuards {
  readonly TokenVerifier: Type;
  readonly TokenGuard: Type<CanActivate>;
}

interface ApiKeys {
  readonly Organizations: Type;
  readonly ApiKeyService: Type<{ byKey(hash: string): Promise<{ id: string } | null> }>;
}

interface Jobs {
  processJob(
    job: { data: { organizationId: string; leadId: string } },
    score: (leadId: string) => Promise<void>,
  ): Promise<void>;
  forgetSummaries(caches: CacheService, tenants: string[]): Promise<void>;
}

interface OwnContext {
  readonly requests: AsyncLocalStorage<{ organizationId?: string }>;
  readonly cache: DynamicModule;
}

describeGuide('docs/tenants.md', (guide) => {
  const apps = new CacheApps();
  const guard = guide.program<TokenGuards>('Where a tenant comes from');
  const apiKeys = guide.program<ApiKeys>('Before the tenant is known');
  const jobs = guide.program<Jobs>('Jobs and scripts');
  const ownContext = guide.program<OwnContext>('A context that is there already');

  it('has a guard that takes the tenant from a verified token, behind the middleware', async () => {
    const { TokenGuard, TokenVerifier } = guard.run();
    const verify = async (token: string) => ({ organizationId: `organization of ${token}` });

    @Controller('whoami')
    @UseGuards(TokenGuard)
    class WhoAmIController {
      @Get()
      tenant() {
        return { tenant: currentTenant() };
      }
    }
    @Module({
      controllers: [WhoAmIController],
      providers: [{ provide: TokenVerifier, useValue: { verify } }],
    })
    class GuardedModule implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(tenantMiddleware()).forRoutes('{*path}');
      }
    }
    const { nest } = await apps.boot({ imports: [GuardedModule] });
    await nest.listen(0, '127.0.0.1');
    const ask = async (authorization?: string) => {
      const headers: Record<string, string> = authorization ? { authorization } : {};
      const response = await fetch(`${await nest.getUrl()}/whoami`, { headers });
      return response.ok ? response.json() : response.status;
    };

    expect(await ask('Bearer a')).toEqual({ tenant: 'organization of a' });
    expect(await ask('Bearer b')).toEqual({ tenant: 'organization of b' });
    expect(await ask()).toBe(403);
  });

  it('has a look-up before the tenant is known, whose entries are global', async () => {
    const { ApiKeyService, Organizations } = apiKeys.run();
    const byApiKey = jest.fn(async (hash: string) => (hash === 'a1' ? { id: 'acme' } : null));
    const prefix = ownPrefix();
    const organizations = { provide: Organizations, useValue: { byApiKey } };
    const providers = [ApiKeyService, organizations];
    const app = await apps.boot({ tier: 'redis', cache: { prefix }, providers });
    const keys = app.get(ApiKeyService);

    expect(await keys.byKey('a1')).toEqual({ id: 'acme' });
    expect(await runWithTenant('globex', () => keys.byKey('a1'))).toEqual({ id: 'acme' });
    expect(await keys.byKey('b2')).toBeNull();

    expect(byApiKey).toHaveBeenCalledTimes(2);
    const raw = new RawRedis(String(process.env.REDIS_URL), prefix);
    const leftMs = (hash: string) =>
      raw.client.pttl(`${prefix}:{/organization.byApiKey@1/${hash}}`);
    const [found, missing] = [await leftMs('a1'), await leftMs('b2')];
    await raw.close();
    expect(found).toBeGreaterThan(4 * 60_000);
    expect(found).toBeLessThanOrEqual(5 * 60_000);
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThanOrEqual(10_000);
  });

  it('has a processor of jobs, in which everything has the tenant of the job', async () => {
    const { processJob } = jobs.run();
    const seen: unknown[] = [];
    const score = async (leadId: string) => {
      await Promise.resolve();
      seen.push([leadId, currentTenant()]);
    };
    await runWithTenant('around', async () => {
      await processJob({ data: { organizationId: 'acme', leadId: '7' } }, score);
      seen.push(currentTenant());
    });
    expect(seen).toEqual([['7', 'acme'], 'around']);
  });

  it('has a script that forgets what some tenants have, and nobody else', async () => {
    const { forgetSummaries } = jobs.run();
    const { caches } = await apps.boot({ tier: 'redis' });
    const tenants = ['acme', 'globex', 'initech'];
    const summaries = tenants.map((tenant) =>
      caches.forTenant(tenant).cache<string>('conversation.summary'),
    );
    for (const summary of summaries) await summary.set('1', 'long');
    await forgetSummaries(caches, ['acme', 'globex']);
    const left = await Promise.all(summaries.map((summary) => summary.get('1')));
    expect(left).toEqual([undefined, undefined, 'long']);
  });

  it('asks a context that is there already, last of all; loads run outside of it', async () => {
    const { cache, requests } = ownContext.run();
    const seen: unknown[] = [];

    @Injectable()
    class Leads {
      @Cacheable('lead.byId')
      async byId(id: string): Promise<string> {
        seen.push([currentTenant(), requests.getStore()]);
        return `${id} of ${String(currentTenant())}`;
      }
    }
    const testing = Test.createTestingModule({ imports: [cache], providers: [Leads] });
    const app = await (await testing.compile()).init();
    const leads = app.get(Leads);
    const inRequest = <T>(work: () => Promise<T>) => requests.run({ organizationId: 'acme' }, work);

    expect(await inRequest(() => leads.byId('7'))).toBe('7 of acme');
    expect(await inRequest(() => runWithTenant('globex', () => leads.byId('7')))).toBe(
      '7 of globex',
    );
    expect(await inRequest(() => leads.byId('7'))).toBe('7 of acme');
    expect(seen).toEqual([
      ['acme', undefined],
      ['globex', undefined],
    ]);
    const view = app.get(CacheService).forTenant('initech').cache('lead.byId');
    expect(await inRequest(() => view.get(['7']))).toBeUndefined();
    await expect(leads.byId('7')).rejects.toThrow(TenantMissingError);
    await app.close();
  });
});
