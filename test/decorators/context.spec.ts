import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  currentTenant,
  runWithTenant,
  type LoadContext,
} from 'nestjs-redis-cache';
import { defer, lastValueFrom, Observable, of } from 'rxjs';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { until } from '../support/until.js';

/** State of a request, as a transaction manager or tracer keeps it. */
const requests = new AsyncLocalStorage<string>();

@Injectable()
class LeadService {
  readonly seen: { by: string; request: string | undefined; tenant: string | undefined }[] = [];

  @Cacheable('lead.byId')
  async byId(_id: string): Promise<number> {
    return this.see('byId');
  }

  @Cacheable('lead.ahead', { ttl: '1h', refreshAhead: 1e-12 })
  async ahead(_id: string): Promise<number> {
    return this.see('ahead');
  }

  @Cacheable('lead.rx')
  rx(_id: string): Observable<number> {
    return defer(() => of(this.see('rx')));
  }

  @Cacheable('lead.byId', { condition: () => false })
  async uncached(_id: string): Promise<number> {
    return this.see('uncached');
  }

  @CachePut('lead.byId')
  async put(_id: string): Promise<number> {
    return this.see('put');
  }

  @CacheEvict('lead.byId')
  async evict(_id: string): Promise<number> {
    return this.see('evict');
  }

  private see(by: string): number {
    return this.seen.push({ by, request: requests.getStore(), tenant: currentTenant() });
  }
}

describe.each(TIERS)('what runs inside a cached method, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    // As on a serverless platform, where the first request starts the application.
    const app = await requests.run('the one that boots', () =>
      apps.boot({ tier, providers: [LeadService] }),
    );
    return { app, leads: app.get(LeadService) };
  }

  const inRequest = <T>(fn: () => Promise<T>) =>
    requests.run('request 1', () => runWithTenant('acme', fn));

  it('sees the tenant and nothing else of the request that loads', async () => {
    const { leads } = await boot();
    await inRequest(() => leads.byId('1'));
    await inRequest(() => lastValueFrom(leads.rx('1')));
    expect(leads.seen).toEqual([
      { by: 'byId', request: undefined, tenant: 'acme' },
      { by: 'rx', request: undefined, tenant: 'acme' },
    ]);
  });

  it('sees the tenant and nothing else of the request that refreshes in the background', async () => {
    const { app, leads } = await boot();
    await inRequest(() => leads.ahead('1'));
    let refreshed = false;
    app.caches.on('load', () => {
      refreshed = true;
    });
    // Redis has the time of its making rounded to the millisecond: it may not be due at once.
    await until(() => {
      if (!refreshed) void inRequest(() => leads.ahead('1'));
      return refreshed;
    });
    const seen = { by: 'ahead', request: undefined, tenant: 'acme' };
    expect(leads.seen).toEqual([seen, seen]);
  });

  it('sees the tenant and nothing else of any request when it is told to give up', async () => {
    const { app } = await boot();
    const seen: unknown[] = [];
    const untilAborted = ({ signal }: LoadContext) =>
      new Promise<string>((resolve) => {
        signal.addEventListener('abort', () => {
          seen.push([currentTenant(), requests.getStore()]);
          resolve('given up');
        });
      });
    const wrap = (tenant: string) =>
      app.caches.forTenant(tenant).wrap('k', untilAborted, { loadTimeout: '100ms' });
    // Several timers are armed together, by whoever comes first.
    await Promise.all(
      ['other', 'acme'].map((tenant) =>
        requests.run(`a request of ${tenant}`, () => runWithTenant(tenant, () => wrap(tenant))),
      ),
    );
    expect(seen).toEqual([
      ['other', undefined],
      ['acme', undefined],
    ]);
  });

  it('sees its request where it is not shared: in a put, an eviction, and past the cache', async () => {
    const { leads } = await boot();
    await inRequest(() => leads.put('1'));
    await inRequest(() => leads.evict('1'));
    await inRequest(() => leads.uncached('1'));
    expect(leads.seen).toEqual(
      ['put', 'evict', 'uncached'].map((by) => ({ by, request: 'request 1', tenant: 'acme' })),
    );
  });

  it('is seen again by the caller afterwards', async () => {
    const { leads } = await boot();
    const after = await inRequest(async () => {
      await leads.byId('1');
      await leads.byId('1');
      return [requests.getStore(), currentTenant()];
    });
    expect(after).toEqual(['request 1', 'acme']);
  });
});
